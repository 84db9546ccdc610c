//! The full-text index over the texts of tickets and conversations.
//!
//! Triggers note which tickets must be indexed, whoever writes them; the background task turns their
//! HTML into words, since the store knows nothing of HTML.

use std::collections::HashSet;

use rusqlite::{Connection, TransactionBehavior, params};

use super::{Store, StoreError, terms::parted};
use crate::domain::{Html, TicketId};

/// The texts of one ticket for the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts<T> {
    /// The number of its turn to be indexed. It gets another number when it changes again.
    pub turn: i64,
    /// The ticket that the texts belong to.
    pub ticket: TicketId,
    /// Subject, client and tags.
    pub names: String,
    /// The opening message.
    pub message: T,
    /// The replies and notes that have been read.
    pub replies: Vec<T>,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// The tickets that have every word.
    pub tickets: HashSet<TicketId>,
    /// How many tickets are not indexed yet.
    pub unindexed: usize,
}

impl Store {
    /// The tickets that contain every word of `text` in subject, client, tags, message or the
    /// replies that were read. Case and accents don't count. A word may be the beginning of a
    /// longer word, a number within a word, or a part of a text without spaces. A word without a
    /// letter or a digit asks nothing. Without any word there is no hit.
    ///
    /// The search is skipped if nobody waits for it when its turn comes.
    pub async fn search(&self, text: String) -> Result<Hits, StoreError> {
        self.look(move |mirror| {
            let unindexed: i64 = mirror
                .prepare_cached("SELECT count(*) FROM unindexed")?
                .query_row([], |row| row.get(0))?;
            let unindexed = usize::try_from(unindexed).unwrap_or(0);
            let mut found: Option<HashSet<TicketId>> = None;
            for word in text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric))
            {
                let with = having(mirror, word).map_err(not_taken)?;
                found = Some(match found {
                    Some(before) => before.intersection(&with).copied().collect(),
                    None => with,
                });
            }
            Ok(Hits { tickets: found.unwrap_or_default(), unindexed })
        })
        .await
    }

    /// At most `limit` tickets that are not indexed as they are now.
    pub async fn unindexed(&self, limit: usize) -> Result<Vec<Texts<Html>>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.mirror(move |mirror| {
            let mut turns = mirror
                .prepare_cached("SELECT turn, ticket FROM unindexed ORDER BY turn DESC LIMIT ?1")?;
            let turns = turns.query_map([limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let turns: Vec<(i64, i64)> = turns.collect::<Result<_, _>>()?;
            let all = turns.into_iter().map(|(turn, id)| texts(mirror, turn, id));
            Ok(all.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Puts the words of tickets into the index, in place of their earlier words. Tickets that have
    /// got another turn since, or are gone, are left out.
    pub async fn index(&self, all: Vec<Texts<String>>) -> Result<(), StoreError> {
        self.mirror(move |mirror| {
            let transaction = mirror.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for Texts { turn, ticket, names, message, replies } in all {
                let is_due = transaction
                    .prepare_cached("DELETE FROM unindexed WHERE turn = ?1")?
                    .execute([turn])?;
                if is_due == 0 {
                    continue;
                }
                transaction
                    .prepare_cached(
                        "INSERT OR REPLACE INTO texts (rowid, names, message, replies)
                        VALUES (?1, ?2, ?3, ?4)",
                    )?
                    .execute(params![
                        ticket.0,
                        parted(&names),
                        parted(&message),
                        parted(&replies.join("\n"))
                    ])?;
            }
            Ok(transaction.commit()?)
        })
        .await
    }
}

/// The error of a search. FTS5 reports words that it can't take with the same code as SQLite
/// reports missing tables.
fn not_taken(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::Unknown) => StoreError::Search(error),
        _ => error.into(),
    }
}

fn having(mirror: &Connection, word: &str) -> rusqlite::Result<HashSet<TicketId>> {
    let phrase = format!("\"{}\"*", parted(word).replace('"', "\"\""));
    let mut found = mirror.prepare_cached("SELECT rowid FROM texts WHERE texts MATCH ?1")?;
    found.query_map([phrase], |row| row.get(0).map(TicketId))?.collect()
}

fn texts(mirror: &Connection, turn: i64, id: i64) -> rusqlite::Result<Texts<Html>> {
    // A line that is kept as a blob of JSON is searched in its JSON: it holds the same words.
    let mut names = mirror.prepare_cached(
        "SELECT CAST(subject AS TEXT), CAST(ifnull(client_name, '') AS TEXT), tags
        FROM tickets WHERE id = ?1",
    )?;
    let names = names.query_map([id], |row| {
        let parts: [String; 3] = [row.get(0)?, row.get(1)?, row.get(2)?];
        Ok(parts.join(" "))
    })?;
    let html = |sql: &str| -> rusqlite::Result<Vec<Html>> {
        let mut html = mirror.prepare_cached(sql)?;
        html.query_map([id], |row| row.get::<_, String>(0).map(Html::new))?.collect()
    };
    Ok(Texts {
        turn,
        ticket: TicketId(id),
        names: names.collect::<Result<Vec<_>, _>>()?.join(" "),
        message: html("SELECT html FROM messages WHERE ticket = ?1")?.pop().unwrap_or_default(),
        replies: html("SELECT html FROM replies WHERE conversation = ?1 ORDER BY place")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Line, Reply, ReplyId, ReplyKind, ThreadFacts},
        store::testing::{at, line, store, ticket},
    };

    async fn index_all(store: &Store) -> usize {
        let all = store.unindexed(10).await.unwrap();
        let count = all.len();
        let words = all.into_iter().map(|it| Texts {
            turn: it.turn,
            ticket: it.ticket,
            names: it.names,
            message: it.message.as_stored().to_owned(),
            replies: it.replies.iter().map(|it| it.as_stored().to_owned()).collect(),
        });
        store.index(words.collect()).await.unwrap();
        count
    }

    async fn found(store: &Store, text: &str) -> Vec<i64> {
        let hits = store.search(text.into()).await.unwrap();
        let mut ids: Vec<i64> = hits.tickets.into_iter().map(|id| id.0).collect();
        ids.sort_unstable();
        ids
    }

    #[tokio::test]
    async fn words_are_found_wherever_they_stand() {
        let (_folder, store) = store().await;
        let mut first = ticket(1);
        first.ticket.tags = vec![line("vip"), Line::from_cleaned("Zoë", Some("Zo\u{1b}ë"))];
        first.message = Html::new("The café's \"router\" is down");
        store.save_tickets(vec![first.clone(), ticket(i64::MIN)], at(1)).await.unwrap();
        assert_eq!(store.search("router".into()).await.unwrap().unindexed, 2);
        assert_eq!(index_all(&store).await, 2);
        assert_eq!(found(&store, "cafe ROUT").await, [1]);
        assert_eq!(found(&store, "printer").await, [i64::MIN, 1]);
        assert_eq!(found(&store, "vip printer -").await, [1]);
        assert_eq!(found(&store, "\"router AND").await, Vec::<i64>::new());
        assert_eq!(found(&store, "* ( \"").await, Vec::<i64>::new());
        assert_eq!(found(&store, "").await, Vec::<i64>::new());
    }

    #[tokio::test]
    async fn what_stands_within_a_word_is_found() {
        let (_folder, store) = store().await;
        let texts = [
            "祝你们新年快乐",
            "プリンターのテストページ",
            "it came with v1.2.3 and part AB-1234/5",
            "write to ann.lee@example.com, please",
            "เครื่องพิมพ์ไม่ทำงาน",
            "プリンタ接続USB3エラーcode42",
            "Die Übergröße für Café",
            "프린터테스트 हिन्दी नमस्ते",
            "ﾃｽﾄ １２３",
        ];
        let tickets = texts.iter().zip(1..).map(|(text, id)| {
            let mut full = ticket(id);
            full.message = Html::new(*text);
            full
        });
        store.save_tickets(tickets.collect(), at(1)).await.unwrap();
        index_all(&store).await;
        for (looked_for, ids) in [
            ("快乐", vec![1]),
            ("乐", vec![1]),
            ("乐快", vec![]),
            ("テスト", vec![2, 9]),
            ("テストペ", vec![2]),
            ("プリンタ", vec![2, 6]),
            ("1.2.3", vec![3]),
            ("v1.2", vec![3]),
            ("1.2.4", vec![]),
            ("1234/5", vec![3]),
            ("ab-12", vec![3]),
            ("ann.lee@example.com", vec![4]),
            ("example.com", vec![4]),
            ("พิมพ์", vec![5]),
            ("ทำงาน", vec![5]),
            ("接続usb3エラー", vec![6]),
            ("42", vec![6]),
            ("ubergr", vec![7]),
            ("ÜBERGRÖ cafe", vec![7]),
            ("테스트", vec![8]),
            ("नमस्", vec![8]),
            ("नमा", vec![]),
            ("ﾌﾟﾘﾝﾀ", vec![2, 6]),
            ("123", vec![3, 9]),
        ] {
            assert_eq!(found(&store, looked_for).await, ids, "{looked_for}");
        }
    }

    #[tokio::test]
    async fn what_changes_is_indexed_anew_and_what_goes_is_found_no_more() {
        let (_folder, store) = store().await;
        let mut full = ticket(7);
        store.save_tickets(vec![full.clone()], at(1)).await.unwrap();
        index_all(&store).await;
        full.ticket.status.id = crate::domain::StatusId::CLOSED;
        store.save_tickets(vec![full.clone()], at(2)).await.unwrap();
        assert_eq!(index_all(&store).await, 0, "no word has changed");
        full.message = Html::new("rope");
        store.save_tickets(vec![full.clone()], at(2)).await.unwrap();
        let late = store.unindexed(1).await.unwrap().remove(0);
        full.message = Html::new("ladder");
        store.save_tickets(vec![full], at(3)).await.unwrap();
        let (names, message) = (late.names, "rope".to_owned());
        let (turn, ticket) = (late.turn, late.ticket);
        store.index(vec![Texts { turn, ticket, names, message, replies: vec![] }]).await.unwrap();
        assert_eq!(found(&store, "rope").await, Vec::<i64>::new(), "it has changed since");
        assert_eq!(index_all(&store).await, 1);
        let reply = Reply {
            id: ReplyId(1),
            ticket: TicketId(7),
            kind: ReplyKind::Note,
            body: Html::new("scaffold"),
            author: None,
            author_name: None,
            created: None,
        };
        let facts = ThreadFacts::default();
        store.save_conversation(TicketId(7), vec![reply], facts, at(4)).await.unwrap();
        assert_eq!(index_all(&store).await, 1);
        assert_eq!(found(&store, "ladder scaffold printer").await, [7]);
        store.remove_tickets(vec![TicketId(7)]).await.unwrap();
        assert_eq!(index_all(&store).await, 0);
        assert_eq!(found(&store, "ladder").await, Vec::<i64>::new());
    }
}
