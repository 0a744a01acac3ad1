//! Draws how long a page takes against the size of the store, from the JSON of the
//! benchmark `speed`, kept in `benches/speed.json`:
//!
//! ```text
//! cargo run -p conformance --example listing_picture
//! ```

use std::error::Error;
use std::fs;
use std::path::Path;

use plotters::prelude::*;
use serde::Deserialize;

const FROM: &str = "benches/speed.json";
const TO: &str = "benches/listing.svg";

#[derive(Deserialize)]
struct Speed {
    results: Vec<Measured>,
}

#[derive(Deserialize)]
struct Measured {
    operation: String,
    who: String,
    /// In nanoseconds.
    result: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let speed: Speed = serde_json::from_slice(&fs::read(folder.join(FROM))?)?;
    let picture = folder.join(TO);
    let area = SVGBackend::new(&picture, (640, 360)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(16)
        .x_label_area_size(40)
        .y_label_area_size(64)
        .build_cartesian_2d((1e3..1e6_f64).log_scale(), (1e-2..1e3_f64).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("keys in the store")
        .y_desc("a page of 100 keys, in ms")
        .x_label_formatter(&|keys| format!("{keys:.0}"))
        .y_label_formatter(&|time| format!("{time}"))
        .draw()?;
    for (who, name, color) in [
        ("ours", "the mirror", BLUE),
        ("mutex", "all keys loaded, behind a mutex", RED),
    ] {
        let line = LineSeries::new(points(&speed, who), color.stroke_width(2)).point_size(3);
        chart
            .draw_series(line)?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], color));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE)
        .draw()?;
    area.present()?;
    Ok(())
}

/// How many keys, and how many milliseconds.
fn points(speed: &Speed, who: &str) -> Vec<(f64, f64)> {
    let pages = speed.results.iter().filter(|measured| measured.who == who);
    let mut points: Vec<_> = pages
        .filter_map(|measured| {
            let keys = measured
                .operation
                .strip_prefix("page of 100 in a prefix, ")?
                .strip_suffix(" keys")?;
            let keys = keys.replace(',', "").parse().ok()?;
            Some((keys, measured.result / 1e6))
        })
        .collect();
    points.sort_by(|a, b| f64::total_cmp(&a.0, &b.0));
    points
}
