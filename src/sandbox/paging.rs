//! Pages and filters of every list.

use rusqlite::{Connection, Row, ToSql, params_from_iter, types::Value};

use super::{answer::Meta, input::Input};

/// The CRM's usual setting.
const DEFAULT_LIMIT: i64 = 35;
const MAX_LIMIT: i64 = 100;

/// Which page of a list, and in which order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paging {
    page: i64,
    limit: i64,
    /// `ASC` or `DESC`.
    pub(super) order: &'static str,
}

impl Paging {
    /// Reads `page`, `limit` and `order`; what makes no sense counts as absent.
    pub(super) fn of(input: &Input) -> Self {
        let positive =
            |key| input.integer(key).and_then(Result::ok).filter(|number: &i64| *number > 0);
        let ascending = input.word("order").is_some_and(|order| order.eq_ignore_ascii_case("asc"));
        Self {
            page: positive("page").unwrap_or(1),
            limit: positive("limit").unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT),
            order: if ascending { "ASC" } else { "DESC" },
        }
    }

    fn meta(self, total: i64) -> Meta {
        Meta {
            current_page: self.page,
            per_page: self.limit,
            total,
            last_page: total.div_euclid(self.limit)
                + i64::from(total == 0 || total.rem_euclid(self.limit) > 0),
        }
    }
}

/// The conditions of a list, all of which a row must meet.
#[derive(Debug, Default)]
pub(super) struct Filter {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Filter {
    /// Adds a condition and the values of its `?`.
    pub(super) fn and(
        &mut self,
        condition: impl Into<String>,
        values: impl IntoIterator<Item = Value>,
    ) {
        self.conditions.push(condition.into());
        self.values.extend(values);
    }

    /// Adds `column = input[key]` where the input has it. Text that should be a number matches
    /// nothing.
    pub(super) fn number(&mut self, input: &Input, key: &str, column: &str) {
        if let Some(number) = input.integer(key) {
            self.and(format!("{column} = ?"), [Value::Integer(number.unwrap_or(-1))]);
        }
    }

    /// Adds `column = input[key]` where the input has it.
    pub(super) fn word(&mut self, input: &Input, key: &str, column: &str) {
        if let Some(word) = input.word(key) {
            self.and(format!("{column} = ?"), [Value::Text(word)]);
        }
    }

    /// Adds "any of the columns contains `input[search]`".
    pub(super) fn search(&mut self, input: &Input, columns: &[&str]) {
        let Some(word) = input.word("search") else { return };
        let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = Value::Text(format!("%{escaped}%"));
        let any: Vec<String> =
            columns.iter().map(|column| format!("{column} LIKE ? ESCAPE '\\'")).collect();
        self.and(format!("({})", any.join(" OR ")), vec![pattern; columns.len()]);
    }

    /// Reads one page: `select` up to and with its FROM, ordered by `order`.
    pub(super) fn page<T>(
        self,
        db: &Connection,
        (select, from): (&str, &str),
        order: &str,
        paging: Paging,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<(Vec<T>, Meta)> {
        let wanted = if self.conditions.is_empty() {
            String::new()
        } else {
            format!("WHERE {}", self.conditions.join(" AND "))
        };
        let total = db
            .prepare_cached(&format!("SELECT count(*) {from} {wanted}"))?
            .query_row(params_from_iter(&self.values), |row| row.get(0))?;
        let offset = (paging.page - 1).saturating_mul(paging.limit);
        let window: [&dyn ToSql; 2] = [&paging.limit, &offset];
        let all = self.values.iter().map(|value| value as &dyn ToSql).chain(window);
        let rows = db
            .prepare_cached(&format!("{select} {from} {wanted} ORDER BY {order} LIMIT ? OFFSET ?"))?
            .query_map(params_from_iter(all), read)?
            .collect::<rusqlite::Result<_>>()?;
        Ok((rows, paging.meta(total)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_is_counted_from_the_total() {
        let paging = Paging { page: 1, limit: 35, order: "DESC" };
        for (total, last) in [(0, 1), (1, 1), (35, 1), (36, 2), (250, 8)] {
            assert_eq!(paging.meta(total).last_page, last, "{total}");
        }
    }
}
