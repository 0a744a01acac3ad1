//! One ordered page out of keys that arrive in no order.

use std::cmp::Ordering;
use std::hash::Hasher;
use std::num::NonZeroU32;

use siphasher::sip::SipHasher13;

use super::{KvError, KvPage, limits, reserved};

/// Picks one page while a platform hands over its keys in any order.
///
/// It keeps the page and one key more, so its memory is proportional to the page's
/// limit, not to the store. Under a cap it keeps 8 bytes more for each matching key
/// up to the cap. The cursor it returns is the page's last key.
///
/// A platform may name a key twice in one listing, however far apart: the page holds
/// it once, and it counts once towards the cap. Keys of the adapters
/// ([`reserved`](super::reserved)) are left out.
///
/// ```
/// use edgezero_store_traits::{KvCapabilities, kv::PageSelector};
///
/// let cap = KvCapabilities::new().with_max_list_keys(1000).max_list_keys;
/// let mut page = PageSelector::new("user/", None, 2, cap)?;
/// for key in ["user/c", "cart/1", "user/a", "user/b"] {
///     page.offer(key.to_owned())?;
/// }
/// let page = page.finish();
/// assert_eq!(page.keys, ["user/a", "user/b"]);
/// assert_eq!(page.cursor.as_deref(), Some("user/b"));
/// # Ok::<(), edgezero_store_traits::KvError>(())
/// ```
#[derive(Debug)]
pub struct PageSelector<'a> {
    prefix: &'a str,
    after: Option<&'a str>,
    limit: usize,
    max_list_keys: Option<NonZeroU32>,
    /// The hashes of the matching keys that were offered, at most as many as the cap;
    /// some twice, until [`Self::forget_repeated`].
    counted: Vec<u64>,
    /// The smallest keys seen, in order, at most `limit + 1`: one more than the page
    /// tells whether another page follows.
    smallest: Vec<String>,
}

impl<'a> PageSelector<'a> {
    /// Starts a page, with the arguments of
    /// [`KvStore::list_keys_page`](crate::KvStore::list_keys_page) and the store's
    /// [cap](crate::KvCapabilities::max_list_keys).
    ///
    /// # Errors
    /// [`KvError::Validation`] when `limit` is not 1 to 1000.
    pub fn new(
        prefix: &'a str,
        cursor: Option<&'a str>,
        limit: usize,
        max_list_keys: Option<NonZeroU32>,
    ) -> Result<Self, KvError> {
        limits::check_page_limit(limit)?;
        Ok(Self {
            prefix,
            after: cursor,
            limit,
            max_list_keys,
            counted: Vec::new(),
            smallest: Vec::new(),
        })
    }

    /// The prefix that the page's keys start with.
    pub fn prefix(&self) -> &'a str {
        self.prefix
    }

    /// Considers one key of the store.
    ///
    /// # Errors
    /// [`KvError::LimitExceeded`] at the first key beyond the cap: stop reading.
    pub fn offer(&mut self, key: String) -> Result<(), KvError> {
        if !key.starts_with(self.prefix) || reserved::is_reserved(&key) {
            return Ok(());
        }
        if let Some(max) = self.max_list_keys {
            self.count(&key, max)?;
        }
        let is_at_or_before = |after| by_bytes(&key, after).is_le();
        if self.after.is_some_and(is_at_or_before) {
            return Ok(());
        }
        if self.smallest.len() > self.limit {
            let last = self.smallest.last();
            if last.is_some_and(|last| by_bytes(&key, last).is_ge()) {
                return Ok(());
            }
        }
        let place = self
            .smallest
            .binary_search_by(|smaller| by_bytes(smaller, &key));
        if let Err(place) = place {
            self.smallest.insert(place, key);
            self.smallest.truncate(self.limit + 1);
        }
        Ok(())
    }

    fn count(&mut self, key: &str, max: NonZeroU32) -> Result<(), KvError> {
        let most = usize::try_from(max.get()).unwrap_or(usize::MAX);
        let hash = hash(key);
        if self.counted.len() >= most {
            self.forget_repeated();
            // In order now, and full: what is not among them is one too many.
            if self.counted.len() >= most {
                return match self.counted.binary_search(&hash) {
                    Ok(_) => Ok(()),
                    Err(_) => Err(KvError::LimitExceeded {
                        prefix: self.prefix.to_owned(),
                        max: max.get(),
                        store: None,
                    }),
                };
            }
        }
        self.counted.push(hash);
        Ok(())
    }

    fn forget_repeated(&mut self) {
        self.counted.sort_unstable();
        self.counted.dedup();
    }

    /// How many more matching keys may be offered before the next one is beyond
    /// the cap; `None` without a cap. A reader that takes keys in batches of at
    /// most one more stops at the first key beyond the cap.
    pub fn offers_before_cap(&self) -> Option<usize> {
        let max = usize::try_from(self.max_list_keys?.get()).ok()?;
        Some(max - self.counted.len())
    }

    /// The page, once every key was offered.
    pub fn finish(mut self) -> KvPage {
        let more = self.smallest.len() > self.limit;
        if more {
            self.smallest.pop();
        }
        let cursor = self.smallest.last().filter(|_| more).cloned();
        KvPage {
            keys: self.smallest,
            cursor,
        }
    }
}

/// Two keys with one hash would count as one: with 64 bits that is rarer than a
/// failing memory.
fn hash(key: &str) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(0, 0);
    hasher.write(key.as_bytes());
    hasher.finish()
}

/// The order of `str`, found eight bytes at a time: in a component, what `str` is
/// compared with goes byte by byte, and keys have much in common.
fn by_bytes(a: &str, b: &str) -> Ordering {
    let (a, a_rest) = a.as_bytes().as_chunks::<8>();
    let (b, b_rest) = b.as_bytes().as_chunks::<8>();
    if let Some((a, b)) = a.iter().zip(b).find(|(a, b)| a != b) {
        return u64::from_be_bytes(*a).cmp(&u64::from_be_bytes(*b));
    }
    match a.len().cmp(&b.len()) {
        Ordering::Equal => a_rest.cmp(b_rest),
        // The shorter one's rest stands beside a whole word of the other.
        Ordering::Less => a_rest.cmp(&b[a.len()]),
        Ordering::Greater => a[b.len()].as_slice().cmp(b_rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(keys: &[&str], prefix: &str, after: Option<&str>, limit: usize) -> KvPage {
        let mut page = PageSelector::new(prefix, after, limit, None).unwrap();
        for key in keys {
            page.offer((*key).to_owned()).unwrap();
        }
        page.finish()
    }

    #[test]
    fn the_smallest_keys_after_the_cursor_are_kept_in_any_order_of_arrival() {
        let orders = [
            ["a", "b", "c", "d", "e"],
            ["e", "d", "c", "b", "a"],
            ["c", "a", "e", "b", "d"],
        ];
        for keys in orders {
            let page = select(&keys, "", Some("a"), 2);
            assert_eq!(page.keys, ["b", "c"]);
            assert_eq!(page.cursor.as_deref(), Some("c"));
        }
    }

    #[test]
    fn a_page_that_ends_with_the_last_key_has_no_cursor() {
        assert_eq!(select(&["b", "a"], "", None, 2).cursor, None);
        assert_eq!(select(&["b", "a"], "", Some("a"), 1).cursor, None);
        assert_eq!(select(&[], "", None, 1), KvPage::default());
    }

    #[test]
    fn a_key_named_twice_is_listed_once() {
        let page = select(&["b", "a", "b", "a", "c", "a"], "", None, 3);
        assert_eq!(page.keys, ["a", "b", "c"]);
        assert_eq!(page.cursor, None);
    }

    #[test]
    fn the_cap_counts_matching_keys_before_and_after_the_cursor() {
        let mut page = PageSelector::new("a", Some("a1"), 1, NonZeroU32::new(2)).unwrap();
        for key in ["b", "a1", "b2", "a2"] {
            page.offer(key.to_owned()).unwrap();
        }
        let error = page.offer("a0".to_owned()).unwrap_err();
        assert!(
            matches!(error, KvError::LimitExceeded { max: 2, .. }),
            "{error}"
        );
    }

    #[test]
    fn a_key_named_twice_counts_once_towards_the_cap_however_far_apart() {
        let mut page = PageSelector::new("", None, 10, NonZeroU32::new(100)).unwrap();
        for _ in 0..3 {
            for n in 0..100 {
                page.offer(format!("{n:03}")).unwrap();
                page.offer(format!("{n:03}")).unwrap();
            }
        }
        let error = page.offer("one more".to_owned()).unwrap_err();
        assert!(
            matches!(error, KvError::LimitExceeded { max: 100, .. }),
            "{error}"
        );
        page.offer("007".to_owned()).unwrap();
    }

    #[test]
    fn an_adapters_key_is_neither_listed_nor_counted() {
        let mut page = PageSelector::new("", None, 10, NonZeroU32::new(1)).unwrap();
        for key in [
            crate::kv::ticket::key("a"),
            "a".to_owned(),
            reserved::key("x"),
        ] {
            page.offer(key).unwrap();
        }
        assert_eq!(page.finish().keys, ["a"]);
    }

    #[test]
    fn memory_stays_with_the_page_however_many_keys_come() {
        let mut page = PageSelector::new("", None, 3, None).unwrap();
        for n in (0..10_000).rev() {
            page.offer(format!("{n:05}")).unwrap();
            assert!(page.smallest.len() <= 4);
        }
        assert_eq!(page.finish().keys, ["00000", "00001", "00002"]);
    }

    #[test]
    fn the_order_is_that_of_text_whatever_two_keys_have_in_common() {
        let long = "aaaaaaaabbbbbbbbccccccccé";
        let mut texts: Vec<String> = (0..=long.len())
            .filter(|end| long.is_char_boundary(*end))
            .map(|end| long[..end].to_owned())
            .collect();
        for at in 0..24 {
            for other in ["\0", "B", "z", "\u{10ffff}"] {
                let mut text = long.to_owned();
                text.replace_range(at..=at, other);
                texts.push(text);
            }
        }
        for a in &texts {
            for b in &texts {
                assert_eq!(by_bytes(a, b), a.cmp(b), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn a_page_size_out_of_range_is_refused() {
        for limit in [0, 1001] {
            assert!(PageSelector::new("", None, limit, None).is_err());
        }
    }
}
