//! Types that are written as text: read by `FromStr`, whose error is shown to the user.

/// Makes a type with `Display` and `FromStr<Err = String>` one that is written as a text.
#[macro_export]
macro_rules! written_as_text {
    ($($type:ty),+ $(,)?) => { $(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::from_text(deserializer)
            }
        }
    )+ };
}

/// Reads a value that is written as a text. A bare number gets the type's own message, which has an
/// example.
///
/// # Errors
/// The deserializer's, or what the type's `FromStr` says.
pub fn from_text<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: std::str::FromStr<Err = String>,
{
    struct Text<T>(std::marker::PhantomData<T>);

    impl<T: std::str::FromStr<Err = String>> serde::de::Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("text in quotes")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }

        fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<T, E> {
            match number.to_string().parse::<T>() {
                Ok(_) => Err(E::custom("must be text: put it in quotes.")),
                Err(message) => Err(E::custom(message)),
            }
        }
    }

    deserializer.deserialize_any(Text(std::marker::PhantomData))
}
