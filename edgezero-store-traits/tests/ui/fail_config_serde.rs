use edgezero_store_traits::AppConfig;

#[derive(AppConfig)]
#[serde(rename_all = "Title Case")]
struct Rule {
    a: u8,
}

#[derive(AppConfig)]
struct Twice {
    a: u8,
    #[serde(alias = "a")]
    b: u8,
}

#[derive(AppConfig)]
struct Empty {
    #[serde(rename = "")]
    a: u8,
}

#[derive(AppConfig)]
#[serde(try_from = "String")]
struct Converted {
    a: u8,
}

#[derive(AppConfig)]
struct Unknown {
    #[serde(defualt)]
    a: u8,
}

#[derive(AppConfig)]
struct NoDefault {
    #[serde(default)]
    a: Inner,
}

#[derive(AppConfig)]
struct Inner {
    a: u8,
}

fn main() {}
