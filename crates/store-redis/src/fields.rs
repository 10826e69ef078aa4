//! The fields of a record, as they are read from a hash and written to it.

use std::collections::HashMap;
use std::str::FromStr;

use countersign_store::StoreError;
use redis::{FromRedisValue, Value};

/// The format in which this program writes the records that are Redis's own: names and denials.
pub(crate) const FORMAT: i64 = 1;

pub(crate) type Hash = HashMap<String, Vec<u8>>;

pub(crate) struct Fields {
    record: &'static str,
    /// The id of the record, never a secret.
    id: String,
    fields: Hash,
}

impl Fields {
    /// `None` if the record does not exist: Redis returns a hash without fields.
    pub fn of(record: &'static str, id: impl ToString, fields: Hash) -> Option<Fields> {
        (!fields.is_empty()).then(|| Fields {
            record,
            id: id.to_string(),
            fields,
        })
    }

    /// Refuses a record that a newer program has written.
    ///
    /// # Errors
    /// Returns [`StoreError::NewerRecord`] if the format is newer than `known`, and
    /// [`StoreError::Corrupt`] if the field is missing or is not a number.
    pub fn check_format(&self, field: &str, known: i64) -> Result<(), StoreError> {
        let found = self.integer(field)?;
        match found > known {
            false => Ok(()),
            true => Err(StoreError::NewerRecord {
                record: self.record,
                id: self.id.clone(),
                found,
                known,
            }),
        }
    }

    pub fn optional_blob(&self, name: &str) -> Option<&[u8]> {
        self.fields.get(name).map(Vec::as_slice)
    }

    /// The bytes of a field, if it is there.
    ///
    /// # Errors
    /// Returns [`StoreError::Corrupt`] if the field has another length.
    pub fn optional_bytes<const N: usize>(
        &self,
        name: &str,
    ) -> Result<Option<[u8; N]>, StoreError> {
        let blob = self.optional_blob(name);
        blob.map(|blob| blob.try_into().map_err(|_| self.unreadable(name)))
            .transpose()
    }

    /// The bytes of a field.
    ///
    /// # Errors
    /// Returns [`StoreError::Corrupt`] if the field is missing or has another length.
    pub fn bytes<const N: usize>(&self, name: &str) -> Result<[u8; N], StoreError> {
        self.optional_bytes(name)?
            .ok_or_else(|| self.unreadable(name))
    }

    /// The text of a field, if it is there.
    ///
    /// # Errors
    /// Returns [`StoreError::Corrupt`] if the field is not UTF-8.
    pub fn optional_text(&self, name: &str) -> Result<Option<&str>, StoreError> {
        let blob = self.optional_blob(name);
        blob.map(|blob| std::str::from_utf8(blob).map_err(|_| self.unreadable(name)))
            .transpose()
    }

    /// The text of a field.
    ///
    /// # Errors
    /// Returns [`StoreError::Corrupt`] if the field is missing or is not UTF-8.
    pub fn text(&self, name: &str) -> Result<&str, StoreError> {
        self.optional_text(name)?
            .ok_or_else(|| self.unreadable(name))
    }

    /// The number in a field, if it is there.
    ///
    /// # Errors
    /// Returns [`StoreError::Corrupt`] if the field is not a number.
    pub fn optional_integer(&self, name: &str) -> Result<Option<i64>, StoreError> {
        self.optional_parsed(name)
    }

    /// The number in a field.
    ///
    /// # Errors
    /// Returns [`StoreError::Corrupt`] if the field is missing or is not a number.
    pub fn integer(&self, name: &str) -> Result<i64, StoreError> {
        self.optional_integer(name)?
            .ok_or_else(|| self.unreadable(name))
    }

    /// A value that is written as text, if it is there.
    ///
    /// # Errors
    /// Returns [`StoreError::Corrupt`] if the field can't be parsed.
    pub fn optional_parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let text = self.optional_text(name)?;
        text.map(|text| text.parse().map_err(|_| self.unreadable(name)))
            .transpose()
    }

    /// A value that is written as JSON.
    ///
    /// # Errors
    /// Returns [`StoreError::Corrupt`] if the field is missing or is not such JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T, StoreError> {
        serde_json::from_str(self.text(name)?)
            .map_err(|error| self.corrupt(format!("{name}: {error}")))
    }

    /// The names of all fields that begin with `beginning`, without it, sorted.
    pub fn beginning_with<'a>(
        &'a self,
        beginning: &'a str,
    ) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut names: Vec<&str> = self
            .fields
            .keys()
            .filter_map(|name| name.strip_prefix(beginning))
            .collect();
        names.sort_unstable();
        names.into_iter()
    }

    pub fn corrupt(&self, why: impl ToString) -> StoreError {
        StoreError::corrupt(self.record, &self.id, why)
    }

    fn unreadable(&self, name: &str) -> StoreError {
        self.corrupt(format!("{name} is missing or unreadable"))
    }
}

/// The fields to write: names and values alternate, and absent ones are left out.
#[derive(Default)]
pub(crate) struct NewFields(Vec<Vec<u8>>);

impl NewFields {
    #[must_use]
    pub fn blob(mut self, name: &str, value: &[u8]) -> NewFields {
        self.0.push(name.as_bytes().to_vec());
        self.0.push(value.to_vec());
        self
    }

    #[must_use]
    pub fn text(self, name: &str, value: &str) -> NewFields {
        self.blob(name, value.as_bytes())
    }

    #[must_use]
    pub fn integer(self, name: &str, value: i64) -> NewFields {
        self.text(name, &value.to_string())
    }

    #[must_use]
    pub fn optional_text(self, name: &str, value: Option<&str>) -> NewFields {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    pub fn as_args(&self) -> &[Vec<u8>] {
        &self.0
    }
}

/// The values of several reads as the expected types.
pub(crate) fn values_as<T: FromRedisValue>(
    record: &'static str,
    values: Vec<Value>,
) -> Result<T, StoreError> {
    T::from_redis_value(Value::Array(values))
        .map_err(|error| StoreError::corrupt(record, "", error))
}

pub(crate) fn to_json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))
}
