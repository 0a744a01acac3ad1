//! The cursor that callers see: the backend's own, sealed to its prefix.
//!
//! A cursor travels through query strings and pages that others can edit. The
//! seal makes an edited, cut or borrowed one an error instead of a wrong page. It
//! is a checksum, not a signature: who forges one on purpose can start a listing
//! elsewhere within the prefix that the caller passes, and nowhere else.

use std::hash::Hasher;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use siphasher::sip::SipHasher13;

use super::KvError;

/// First byte of a sealed cursor, so that a later form can tell itself apart.
const VERSION: u8 = 1;
const TAG_BYTES: usize = size_of::<u64>();

/// Fixed, and so no secret: two processes must agree on them.
const KEYS: (u64, u64) = (0x6564_6765_7a65_726f, 0x6b76_2d63_7572_736f);

/// The cursor for the `position` in a listing of `prefix`.
pub fn seal(prefix: &str, position: &str) -> String {
    let mut sealed = Vec::with_capacity(1 + TAG_BYTES + position.len());
    sealed.push(VERSION);
    sealed.extend_from_slice(&tag(prefix, position.as_bytes()));
    sealed.extend_from_slice(position.as_bytes());
    URL_SAFE_NO_PAD.encode(sealed)
}

/// The position that a cursor of a listing of `prefix` holds.
///
/// # Errors
/// [`KvError::Validation`] for a cursor that no such listing gave out.
pub fn open(prefix: &str, cursor: &str) -> Result<String, KvError> {
    unseal(prefix, cursor).ok_or_else(|| {
        KvError::validation(
            "the cursor is not one that this listing gave out: it was cut, edited, or belongs \
             to another prefix; start again without a cursor",
        )
    })
}

fn unseal(prefix: &str, cursor: &str) -> Option<String> {
    let mut sealed = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (&version, rest) = sealed.split_first()?;
    let (seal, position) = rest.split_at_checked(TAG_BYTES)?;
    if version != VERSION || seal != tag(prefix, position) {
        return None;
    }
    String::from_utf8(sealed.split_off(1 + TAG_BYTES)).ok()
}

fn tag(prefix: &str, position: &[u8]) -> [u8; TAG_BYTES] {
    let mut hasher = SipHasher13::new_with_keys(KEYS.0, KEYS.1);
    hasher.write(&(prefix.len() as u64).to_le_bytes());
    hasher.write(prefix.as_bytes());
    hasher.write(position);
    hasher.finish().to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_with_its_own_prefix_only() {
        let cursor = seal("user/", "user/ü");
        assert_eq!(open("user/", &cursor).unwrap(), "user/ü");
        for other in ["", "user", "user/x", "USER/"] {
            assert_eq!(open(other, &cursor).unwrap_err().status(), 400, "{other:?}");
        }
    }

    #[test]
    fn the_boundary_between_prefix_and_position_is_sealed_too() {
        let cursor = seal("ab", "c");
        assert!(open("a", &cursor).is_err());
    }

    #[test]
    fn every_cut_and_every_changed_letter_is_refused() {
        let cursor = seal("p", "p/some-key");
        for end in 0..cursor.len() {
            assert!(open("p", &cursor[..end]).is_err(), "cut at {end}");
        }
        for at in 0..cursor.len() {
            for letter in "AZaz09-_=\u{fc}".chars() {
                let mut edited = cursor.clone();
                edited.replace_range(at..=at, letter.encode_utf8(&mut [0; 4]));
                assert!(edited == cursor || open("p", &edited).is_err(), "{edited}");
            }
        }
        assert!(open("p", &format!("{cursor}A")).is_err());
    }

    /// Cursors outlive a deployment: their form may not change by accident.
    #[test]
    fn the_sealed_form_is_stable() {
        assert_eq!(seal("user/", "user/7"), "AQlS3MLNdR88dXNlci83");
    }
}
