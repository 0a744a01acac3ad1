//! A secret that stands where its name belongs.

/// What the keys of well-known services begin with.
const PREFIXES: &[&str] = &[
    "akia",
    "asia",
    "aiza",
    "eyj",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat_",
    "npm_",
    "pk_live_",
    "rk_live_",
    "sk_live_",
    "sk_test_",
    "whsec_",
    "xoxb_",
    "xoxp_",
];

/// The shortest text after such a prefix, and without one, that is taken for a key.
const AFTER_PREFIX: usize = 12;
const WITHOUT_PREFIX: usize = 20;

/// Whether a text that could be a secret's name looks like a secret: it has the form of a
/// well-known service's keys, or a long word of letters and digits in a mixture.
pub(super) fn looks_like_one(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut rests = PREFIXES.iter().filter_map(|p| lower.strip_prefix(p));
    if rests.any(|rest| rest.len() >= AFTER_PREFIX && rest.contains(|c: char| c.is_ascii_digit())) {
        return true;
    }
    text.split('_').any(|word| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        word.len() >= WITHOUT_PREFIX && digits >= 3
    })
}

#[cfg(test)]
mod tests {
    use super::looks_like_one;

    #[test]
    fn keys_of_services_and_long_mixtures_are_recognised() {
        for text in [
            "sk_live_aeC39HqLyjWDarjtT1zdp7dc",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "AKIAIOSFODNN7EXAMPLE",
            "d41d8cd98f00b204e9800998ecf8427e",
        ] {
            assert!(looks_like_one(text), "{text}");
        }
    }

    #[test]
    fn names_are_not_taken_for_secrets() {
        for text in [
            "",
            "api_key",
            "API_KEY_2026",
            "payment_provider_webhook_signing_secret",
            "sk_live_payment",
            "internationalisation_key",
            "oauth2_client_secret_v3",
        ] {
            assert!(!looks_like_one(text), "{text}");
        }
    }
}
