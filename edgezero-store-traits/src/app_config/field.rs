//! The keys of a configuration, as its types describe them.

use super::value::ConfigValue;

/// One key that an app's configuration has.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConfigField {
    /// The dotted key.
    pub key: String,
    /// Other keys that are read in its place.
    pub aliases: Vec<String>,
    /// Whether it may be missing.
    pub optional: bool,
    /// What the configured text is.
    pub kind: FieldKind,
    /// What kind of value the field is read from.
    pub value: ValueKind,
    /// Whether the text, or a part of its JSON, is the name of a secret.
    pub holds_secrets: bool,
    /// For a [`FieldKind::Secret`]: the key of the field that holds the id of its
    /// store, if it is not in the default one.
    pub store: Option<String>,
    parts: Option<Parts>,
}

impl ConfigField {
    /// Whether the field is read from `key`: its own one or an alias.
    pub fn is_read_from(&self, key: &str) -> bool {
        self.key == key || self.aliases.iter().any(|alias| alias == key)
    }

    pub(super) fn parts(&self) -> Option<Parts> {
        self.parts
    }
}

/// What the text under a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldKind {
    /// The value.
    Value,
    /// The name of a secret.
    Secret,
    /// The id of a secret store that the app declares.
    SecretStore,
}

/// What kind of value a field is read from. A store holds text; in the file that the text
/// comes from it may be something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueKind {
    /// Only the type itself knows: an enum, for example.
    Any,
    /// A text, or one character.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Float,
    /// `true` or `false`; `1` and `0` are read as well.
    Boolean,
    /// A list, as JSON.
    List,
    /// A map, as JSON.
    Map,
}

/// How the parts of a JSON array or object are described.
#[derive(Clone, Copy, Debug)]
pub(super) enum Parts {
    List(Describe),
    Map(Describe),
}

/// [`ConfigValue::describe`] of some type.
pub(super) type Describe = fn(&str, &mut Fields);

/// The dotted key of `field` in the struct under `key`; the outermost is under "".
pub fn join(key: &str, field: &str) -> String {
    if key.is_empty() {
        field.to_owned()
    } else {
        format!("{key}.{field}")
    }
}

/// The keys of a struct, gathered.
#[derive(Debug, Default)]
pub struct Fields {
    pub(super) fields: Vec<ConfigField>,
    structs: Vec<Struct>,
    optional: bool,
}

/// A struct, or the part of a key that stands for one.
#[derive(Debug)]
struct Struct {
    key: String,
    /// Whether it denies unknown fields.
    closed: bool,
}

impl Fields {
    /// A struct under `key`; a `closed` one has no keys but those of its fields.
    pub fn structure(&mut self, key: &str, closed: bool) {
        self.structs.push(Struct {
            key: key.to_owned(),
            closed,
        });
    }

    /// A field of the struct under `outer`, by its name and its aliases.
    pub fn field(
        &mut self,
        outer: &str,
        names: &[&str],
        optional: bool,
        describe: &dyn Fn(&str, &mut Fields),
    ) {
        let mut names = names.iter();
        let Some(name) = names.next() else { return };
        let first = self.fields.len();
        let kept = self.optional;
        self.optional |= optional;
        describe(&join(outer, name), self);
        self.optional = kept;
        for alias in names {
            let mut other = Self::default();
            describe(&join(outer, alias), &mut other);
            for (field, other) in self.fields.iter_mut().skip(first).zip(other.fields) {
                field.aliases.push(other.key);
                field.aliases.extend(other.aliases);
            }
            self.structs.extend(other.structs);
        }
    }

    /// What `describe` finds, all of which may be missing.
    pub(super) fn optional(&mut self, key: &str, describe: Describe) {
        let kept = std::mem::replace(&mut self.optional, true);
        describe(key, self);
        self.optional = kept;
    }

    /// A value under `key`.
    pub fn value(&mut self, key: &str, value: ValueKind, optional: bool) {
        self.push(key, FieldKind::Value, value, optional);
    }

    /// A secret, named under `key`, in the store whose id is under the key `store`,
    /// or in the default one.
    pub fn secret(&mut self, key: &str, store: Option<String>, optional: bool) {
        let field = self.push(key, FieldKind::Secret, ValueKind::Text, optional);
        field.holds_secrets = true;
        field.store = store;
    }

    /// The id of a secret store under `key`.
    pub fn secret_store(&mut self, key: &str, optional: bool) {
        self.push(key, FieldKind::SecretStore, ValueKind::Text, optional);
    }

    /// A JSON array of `T` under `key`.
    pub(super) fn list<T: ConfigValue>(&mut self, key: &str) {
        let field = self.push(key, FieldKind::Value, ValueKind::List, false);
        field.holds_secrets = T::SECRETS;
        field.parts = Some(Parts::List(T::describe));
    }

    /// A JSON object of `T` by name under `key`.
    pub(super) fn map<T: ConfigValue>(&mut self, key: &str) {
        let field = self.push(key, FieldKind::Value, ValueKind::Map, false);
        field.holds_secrets = T::SECRETS;
        field.parts = Some(Parts::Map(T::describe));
    }

    fn push(
        &mut self,
        key: &str,
        kind: FieldKind,
        value: ValueKind,
        optional: bool,
    ) -> &mut ConfigField {
        self.fields.push(ConfigField {
            key: key.to_owned(),
            aliases: Vec::new(),
            optional: optional || self.optional,
            kind,
            value,
            holds_secrets: false,
            store: None,
            parts: None,
        });
        let last = self.fields.len() - 1;
        &mut self.fields[last]
    }

    pub(super) fn read_from(&self, key: &str) -> Option<&ConfigField> {
        self.fields.iter().find(|field| field.is_read_from(key))
    }

    pub(super) fn is_struct(&self, key: &str) -> bool {
        self.structs.iter().any(|known| known.key == key)
    }

    /// Whether the innermost struct around `key` denies keys that it does not have.
    pub(super) fn is_closed_around(&self, key: &str) -> bool {
        let around = self.structs.iter().filter(|s| is_inside(key, &s.key));
        let innermost = around.max_by_key(|s| s.key.len());
        innermost.is_some_and(|s| s.closed)
    }

    /// The known key that `key` may be a misspelling of.
    pub(super) fn nearest(&self, key: &str) -> Option<&str> {
        let keys = self.fields.iter().map(|field| field.key.as_str());
        nearest(key, keys)
    }
}

/// The text that `text` may be a misspelling of.
/// Of several that are equally close, the first.
pub fn nearest<'a>(text: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = 1 + text.len() / 5;
    let close = |known: &'a str| {
        // It takes long for a long text.
        if text.len().abs_diff(known.len()) > 4 * most {
            return None;
        }
        let distance = strsim::osa_distance(text, known);
        (distance <= most).then_some((distance, known))
    };
    let nearest = known
        .filter_map(close)
        .min_by_key(|(distance, _)| *distance);
    nearest.map(|(_, known)| known)
}

/// Whether `key` is `outer` or a part of it.
pub(super) fn is_inside(key: &str, outer: &str) -> bool {
    outer.is_empty()
        || key
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}
