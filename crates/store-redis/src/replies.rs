//! What a script answers: a word, then values.

use countersign_store::StoreError;
use redis::{FromRedisValue, Value};

pub(crate) struct Reply(Vec<Value>);

impl Reply {
    pub fn new(values: Vec<Value>) -> Reply {
        Reply(values)
    }

    /// The outcome's name.
    pub fn word(&self) -> Result<String, StoreError> {
        self.value(0)
    }

    /// A word that the script never says: another program's script, or a fault of ours.
    pub fn unexpected<T>(&self) -> Result<T, StoreError> {
        Err(StoreError::Unavailable(
            "a script answered what it never says".to_owned(),
        ))
    }

    fn value<T: FromRedisValue>(&self, position: usize) -> Result<T, StoreError> {
        let value = self.0.get(position).cloned().unwrap_or(Value::Nil);
        T::from_redis_value(value).or_else(|_| self.unexpected())
    }
}
