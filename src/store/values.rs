//! How the domain's values look in a column.

use std::error::Error;

use jiff::Timestamp;
use rusqlite::{
    ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, Value, ValueRef},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::domain::{EntryId, Line, StepId};

fn unreadable(error: impl Error + Send + Sync + 'static) -> FromSqlError {
    FromSqlError::Other(Box::new(error))
}

fn unwritable(error: impl Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

/// A time as microseconds since 1970.
#[derive(Clone, Copy)]
pub(super) struct At(pub(super) Timestamp);

impl ToSql for At {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.as_microsecond().into())
    }
}

impl FromSql for At {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Timestamp::from_microsecond(value.as_i64()?).map(Self).map_err(unreadable)
    }
}

/// An identity as its sixteen bytes, which sort as it does.
macro_rules! identity {
    ($($name:ident)*) => {$(
        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(ToSqlOutput::Owned(Value::Blob(self.0.to_be_bytes().to_vec())))
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let bytes = value.as_blob()?.try_into().map_err(unreadable)?;
                Ok(Self(i128::from_be_bytes(bytes)))
            }
        }
    )*};
}

identity! { EntryId StepId }

/// Anything as JSON.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        serde_json::to_string(&self.0).map(ToSqlOutput::from).map_err(unwritable)
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_slice(value.as_bytes()?).map(Self).map_err(unreadable)
    }
}

/// A line that is written: text where it is shown as the server holds it, otherwise a blob of JSON.
pub(super) struct LineRef<'a>(pub(super) &'a Line);

impl ToSql for LineRef<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        if self.0.as_stored() == self.0.as_str() {
            return Ok(self.0.as_str().into());
        }
        let both = serde_json::to_vec(self.0).map_err(unwritable)?;
        Ok(ToSqlOutput::Owned(Value::Blob(both)))
    }
}

/// A line that is read.
pub(super) struct LineBuf(pub(super) Line);

impl FromSql for LineBuf {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Blob(both) => serde_json::from_slice(both).map(Self).map_err(unreadable),
            text => Ok(Self(Line::from_cleaned(text.as_str()?, None))),
        }
    }
}
