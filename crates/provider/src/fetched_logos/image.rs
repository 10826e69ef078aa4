//! The type of an image, from its first bytes (WHATWG MIME Sniffing, section 6.1). Only raster
//! images are shown: an SVG can contain script and refer to other addresses.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ImageType {
    Png,
    Jpeg,
    Gif,
    WebP,
}

impl ImageType {
    /// `None` for anything else.
    pub(super) fn of(bytes: &[u8]) -> Option<ImageType> {
        let is_webp = bytes.starts_with(b"RIFF") && bytes.get(8..14) == Some(b"WEBPVP");
        match bytes {
            _ if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => Some(ImageType::Png),
            _ if bytes.starts_with(b"\xff\xd8\xff") => Some(ImageType::Jpeg),
            _ if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") => {
                Some(ImageType::Gif)
            }
            _ if is_webp => Some(ImageType::WebP),
            _ => None,
        }
    }

    pub(super) fn media_type(self) -> &'static str {
        match self {
            ImageType::Png => "image/png",
            ImageType::Jpeg => "image/jpeg",
            ImageType::Gif => "image/gif",
            ImageType::WebP => "image/webp",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_known_by_its_first_bytes() {
        for (bytes, expected) in [
            (&b"\x89PNG\r\n\x1a\n rest"[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0 rest", Some("image/jpeg")),
            (b"GIF89a rest", Some("image/gif")),
            (b"GIF87a rest", Some("image/gif")),
            (b"RIFF\0\0\0\0WEBPVP8 rest", Some("image/webp")),
            (b"RIFF\0\0\0\0WAVEfmt ", None),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", None),
            (b"<?xml version=\"1.0\"?><svg/>", None),
            (b"<html>", None),
            (b" \x89PNG\r\n\x1a\n", None),
            (b"BM", None),
            (b"", None),
        ] {
            let found = ImageType::of(bytes).map(ImageType::media_type);
            assert_eq!(found, expected, "{bytes:?}");
        }
    }
}
