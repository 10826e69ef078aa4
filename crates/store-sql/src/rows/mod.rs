//! Rows read strictly, the same way from either engine: a cell whose value does not match its
//! column is corruption, reported with the row's identifier and left unchanged.

pub(crate) mod access_token;
pub(crate) mod client;
pub(crate) mod consent;
pub(crate) mod grant;
pub(crate) mod session;
pub(crate) mod subject;

use countersign_store::StoreError;
use countersign_store::subjects::Status;

/// A row's cells: by name ([`Cells::at`]), or from left to right. The first one identifies the row
/// and is never a secret.
///
/// Errors are [`StoreError::Corrupt`] for a cell that is not what is asked for, and
/// [`StoreError::Unavailable`] where the statement has no such column.
pub(crate) trait Cells<'r> {
    /// Goes to the column of this name, which is read next. Names are looked for from where the
    /// last was found, so that a row that is read in the order of its statement costs one
    /// comparison a cell.
    fn at(&mut self, column: &str) -> &mut Self;

    fn optional_text(&mut self) -> Result<Option<&'r str>, StoreError>;

    fn optional_integer(&mut self) -> Result<Option<i64>, StoreError>;

    fn optional_blob(&mut self) -> Result<Option<&'r [u8]>, StoreError>;

    fn boolean(&mut self) -> Result<bool, StoreError>;

    /// What kind of record the row is, and its identifier.
    fn identity(&self) -> (&'static str, String);

    /// What is wrong with this row as a whole.
    fn corrupt(&self, why: impl ToString) -> StoreError {
        let (record, id) = self.identity();
        StoreError::corrupt(record, id, why)
    }

    /// Refuses a row of a newer format than `known` by name: it may say what this program does not
    /// understand.
    fn known_format(&mut self, known: i64) -> Result<(), StoreError> {
        let found = self.at("format").integer()?;
        if found <= known {
            return Ok(());
        }
        let (record, id) = self.identity();
        Err(StoreError::NewerRecord {
            record,
            id,
            found,
            known,
        })
    }

    /// The cell that was just read does not hold what its column must.
    fn malformed(&self, expected: &str) -> StoreError;

    fn text(&mut self) -> Result<&'r str, StoreError> {
        self.optional_text()?.ok_or_else(|| self.malformed("text"))
    }

    fn integer(&mut self) -> Result<i64, StoreError> {
        self.optional_integer()?
            .ok_or_else(|| self.malformed("an integer"))
    }

    #[cfg_attr(
        not(feature = "sqlite"),
        expect(
            dead_code,
            reason = "what PostgreSQL keeps has no blob of any length that is never NULL"
        )
    )]
    fn blob(&mut self) -> Result<&'r [u8], StoreError> {
        self.optional_blob()?
            .ok_or_else(|| self.malformed("a blob"))
    }

    /// An identifier, an epoch, a hash: exactly `N` bytes.
    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], StoreError> {
        self.optional_bytes()?
            .ok_or_else(|| self.malformed("a blob"))
    }

    fn optional_bytes<const N: usize>(&mut self) -> Result<Option<[u8; N]>, StoreError> {
        match self.optional_blob()? {
            None => Ok(None),
            Some(bytes) => match bytes.try_into() {
                Ok(bytes) => Ok(Some(bytes)),
                Err(_) => Err(self.malformed(&format!("{N} bytes"))),
            },
        }
    }

    fn status(&mut self) -> Result<Status, StoreError> {
        Status::parse(self.text()?).ok_or_else(|| self.corrupt("its status is unknown"))
    }
}

/// For a column that holds JSON.
pub(crate) fn to_json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))
}

/// The index of the column named `wanted` among `count`, looked for from `next` and round.
/// `usize::MAX` if there is none: reading it then fails.
pub(crate) fn column_named(
    wanted: &str,
    next: usize,
    count: usize,
    is_named: impl Fn(usize, &str) -> bool,
) -> usize {
    (next..count)
        .chain(0..next.min(count))
        .find(|index| is_named(*index, wanted))
        .unwrap_or(usize::MAX)
}
