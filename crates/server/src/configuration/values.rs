//! What a field may hold beyond texts and numbers: each type is read once, when the configuration is, and says what to write.

mod addresses;
mod algorithms;
mod issuer;
mod log_filter;
mod network;
mod secrets;

pub use addresses::{HostName, ListenAddress};
pub use algorithms::SigningAlgorithm;
pub use issuer::ProviderIssuer;
pub use log_filter::LogFilter;
pub use network::Network;
pub(crate) use secrets::repeats_a_few;
pub use secrets::{MASK, Secret, SecretKey, StoreUrl};

/// A type that is written as a text: read by `FromStr`, whose error is what the person is told.
macro_rules! written_as_text {
    ($($type:ty),+ $(,)?) => { $(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::configuration::values::from_text(deserializer)
            }
        }
    )+ };
}

pub(crate) use written_as_text;

/// Reads a value that is written as a text. A bare number gets the type's own message, which has an example.
pub(crate) fn from_text<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: std::str::FromStr<Err = String>,
{
    struct Text<T>(std::marker::PhantomData<T>);

    impl<T: std::str::FromStr<Err = String>> serde::de::Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("a text in quotes")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }

        fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<T, E> {
            match number.to_string().parse::<T>() {
                Ok(_) => Err(E::custom("must be a text: put it in quotes.")),
                Err(message) => Err(E::custom(message)),
            }
        }
    }

    deserializer.deserialize_any(Text(std::marker::PhantomData))
}
