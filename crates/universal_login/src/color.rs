//! Colours, and how well one can be read on another.

/// A colour that covers what is behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color(pub u8, pub u8, pub u8);

pub const WHITE: Color = Color(255, 255, 255);
pub const BLACK: Color = Color(0, 0, 0);

impl Color {
    /// A colour as `#rgb` or `#rrggbb`; opacity that follows is left out.
    pub fn parse(text: &str) -> Option<Color> {
        let digits = text.strip_prefix('#')?;
        let wide: String = match digits.len() {
            3 | 4 => digits.chars().take(3).flat_map(|digit| [digit, digit]).collect(),
            6 | 8 => digits.chars().take(6).collect(),
            _ => return None,
        };
        let number =
            u32::from_str_radix(&wide, 16).ok().filter(|_| wide.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let [_, red, green, blue] = number.to_be_bytes();
        Some(Color(red, green, blue))
    }

    /// This colour, moved towards another by a part of the way.
    pub fn towards(self, other: Color, part: f64) -> Color {
        let mix =
            |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * part).round() as u8;
        Color(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    /// How bright it is, from 0 to 1 (WCAG 2.2, relative luminance).
    pub fn luminance(self) -> f64 {
        let linear = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// How well it stands out from another, from 1 to 21 (WCAG 2.2, contrast ratio).
    pub fn contrast(self, other: Color) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Black or white, whichever can be read on it; one of them always can.
    pub fn ink(self) -> Color {
        if WHITE.contrast(self) >= BLACK.contrast(self) { WHITE } else { BLACK }
    }

    /// This colour, or as little darker or lighter as it takes to stand out from all of these so well.
    pub fn standing_out(self, from: &[Color], ratio: f64) -> Color {
        let does = |color: Color| from.iter().all(|other| color.contrast(*other) >= ratio);
        let steps = (0..=20).map(|step| f64::from(step) / 20.0);
        let nearest = steps
            .flat_map(|part| [self.towards(BLACK, part), self.towards(WHITE, part)])
            .find(|it| does(*it));
        nearest.unwrap_or_else(|| from.first().copied().unwrap_or(WHITE).ink())
    }
}

impl std::fmt::Display for Color {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_read_and_written() {
        for (text, expected) in [
            ("#fff", Some("#ffffff")),
            ("#1a2B3c", Some("#1a2b3c")),
            ("#1a2b3c80", Some("#1a2b3c")),
            ("#abcd", Some("#aabbcc")),
            ("#+12345", None),
            ("#12345", None),
            ("red", None),
            ("#ééé", None),
            ("", None),
        ] {
            assert_eq!(Color::parse(text).map(|color| color.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn contrast_is_as_wcag_measures_it() {
        assert!((WHITE.contrast(BLACK) - 21.0).abs() < 0.01);
        let grey = Color::parse("#767676").unwrap();
        assert!((grey.contrast(WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn whatever_colour_is_chosen_can_be_read() {
        let cards = [WHITE, Color::parse("#1c1f26").unwrap(), Color::parse("#777777").unwrap()];
        for red in (0..=255).step_by(51) {
            for green in (0..=255).step_by(51) {
                for blue in (0..=255).step_by(51) {
                    let color = Color(red, green, blue);
                    assert!(color.ink().contrast(color) >= 4.5, "{color}");
                    for card in cards {
                        assert!(color.standing_out(&[card], 4.4).contrast(card) >= 4.4, "{color} on {card}");
                    }
                }
            }
        }
    }
}
