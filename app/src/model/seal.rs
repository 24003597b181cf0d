//! A person's seal: its design as it is kept on the account, and its picture as paths.

use serde::{Deserialize, Serialize};

/// The kinds of seal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum SealShape {
    /// The round company seal: a ring with the organisation's name, a star, name, time and number.
    #[default]
    Round,
    /// The square name chop.
    Square,
    /// A signature by hand.
    Handwriting,
}

/// Which seal a step takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum SealChoice {
    /// The one that the approver chose.
    #[default]
    Any,
    /// Always the round one.
    Round,
    /// Always the square one.
    Square,
    /// Always a signature by hand.
    Handwriting,
}

impl SealChoice {
    /// Whether it leaves the choice to the approver.
    pub fn is_any(&self) -> bool {
        *self == Self::Any
    }

    /// The shape at such a step for someone who chose `own`.
    pub fn shape(self, own: SealShape) -> SealShape {
        match self {
            Self::Any => own,
            Self::Round => SealShape::Round,
            Self::Square => SealShape::Square,
            Self::Handwriting => SealShape::Handwriting,
        }
    }
}

/// A design. What belongs to the shapes not chosen is kept, too: changing one's mind loses nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SealDesign {
    /// The shape that is used where a step does not ask for another.
    pub shape: SealShape,
    /// Along the ring of the round seal; empty is the person's own name.
    pub organisation: String,
    /// What is cut into the square one; empty is the person's own name.
    pub chop: String,
    /// The signature as drawn ([`crate::ink`]); empty where none was.
    pub ink: String,
    /// The signature as typed, where none was drawn; empty is the person's own name.
    pub written: String,
}

/// The seal page: what is kept, and how it looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealView {
    /// The design on the account; the usual one where nothing was saved yet.
    pub design: SealDesign,
    /// Whether it was ever saved.
    pub saved: bool,
    /// How it looks.
    pub picture: SealPicture,
}

/// A seal as it will look: at 42 mm, and at 20 mm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealPicture {
    /// Width and height in points; y goes upwards from the lower left corner.
    pub side: u32,
    /// At its usual size.
    pub large: Vec<SealLayer>,
    /// Drawn for small fields.
    pub small: Vec<SealLayer>,
}

/// One painted path of a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealLayer {
    /// SVG path data.
    pub path: String,
    /// `#b31e1a`.
    pub colour: String,
    /// Width of the line in hundredths of a point; none for a filled path.
    pub line: Option<u32>,
    /// Filled by the even-odd rule.
    pub even_odd: bool,
}
