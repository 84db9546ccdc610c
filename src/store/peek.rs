//! A look at the mirror for what somebody types in a shell. It waits for nobody, makes no file and
//! changes none.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, types::FromSql};
use url::Url;

use super::{
    directory, mirror, schema,
    values::{Json, LineBuf},
};
use crate::domain::{ClientId, Directory, Line, Named, ProjectId, TicketId};

/// The mirror of a profile, to be read from for a moment.
#[derive(Debug)]
pub struct Peek(Connection);

impl Peek {
    /// The mirror in `folder`; `None` where there is none that this program reads as it is.
    pub fn at(folder: &Path) -> Option<Self> {
        let file = folder.join(mirror::MIRROR);
        let mut address = Url::from_file_path(std::path::absolute(&file).ok()?).ok()?;
        // While nobody has it open, SQLite would make files beside it to share it.
        let has_writer = folder.join(format!("{}-wal", mirror::MIRROR)).exists();
        address.set_query(Some(if has_writer { "mode=ro" } else { "mode=ro&immutable=1" }));
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let mirror = Connection::open_with_flags(address.as_str(), flags).ok()?;
        let version: i64 =
            mirror.pragma_query_value(None, "user_version", |row| row.get(0)).ok()?;
        (usize::try_from(version) == Ok(schema::MIRROR.len())).then_some(Self(mirror))
    }

    /// Tickets whose number begins with these digits: the open ones first, the newest first.
    pub fn tickets(&self, digits: &str, most: usize) -> Vec<(TicketId, Line)> {
        let sql = "SELECT id, subject FROM tickets WHERE CAST(id AS TEXT) LIKE ?1 || '%'
            ORDER BY archived, status_id = 2, id DESC LIMIT ?2";
        let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.pairs(sql, (digits, most), |id, LineBuf(subject)| (TicketId(id), subject))
    }

    /// The departments, the team and the statuses; empty where they are not known.
    pub fn directory(&self) -> Directory {
        directory::single(&self.0, directory::DIRECTORY).ok().flatten().unwrap_or_default()
    }

    /// The clients of the tickets.
    pub fn clients(&self) -> Vec<Named<ClientId>> {
        let sql = "SELECT client_id, client_name FROM tickets
            WHERE client_id IS NOT NULL AND client_name IS NOT NULL GROUP BY client_id";
        self.pairs(sql, (), |id, LineBuf(name)| Named { id: ClientId(id), name })
    }

    /// The projects of the tickets, whose names the mirror does not have. Each with a subject.
    pub fn projects(&self) -> Vec<(ProjectId, Line)> {
        let sql = "SELECT project_id, subject FROM tickets
            WHERE project_id IS NOT NULL GROUP BY project_id";
        self.pairs(sql, (), |id, LineBuf(subject)| (ProjectId(id), subject))
    }

    /// The tags of the tickets, those of many tickets first.
    pub fn tags(&self) -> Vec<String> {
        let sql =
            "SELECT count(*), tags FROM tickets WHERE tags <> '[]' GROUP BY tags ORDER BY 1 DESC";
        let lists = self.pairs(sql, (), |_, Json(tags): Json<Vec<Line>>| tags);
        let mut seen = std::collections::HashSet::new();
        let tags = lists.into_iter().flatten().map(|tag| tag.as_stored().to_owned());
        tags.filter(|tag| seen.insert(tag.clone())).collect()
    }

    fn pairs<B: FromSql, T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        each: impl Fn(i64, B) -> T,
    ) -> Vec<T> {
        let read = || -> rusqlite::Result<Vec<T>> {
            let mut query = self.0.prepare(sql)?;
            let rows = query.query_map(values, |row| Ok(each(row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        read().unwrap_or_default()
    }
}
