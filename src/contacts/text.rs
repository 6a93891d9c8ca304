//! What any text of an input goes through.

pub(super) use crate::text::unwelcome;
pub(crate) use crate::text::{Lines, comparison_key, is_blank};

use crate::{
    fault::{FaultCode, Faults},
    text::unwelcome_message,
};

/// Faults text that is too long, or holds a character that is not welcome; true when it is sound.
pub(crate) fn check(faults: &mut Faults, path: &str, text: &str, longest: usize, lines: Lines) -> bool {
    let mut sound = true;
    if text.chars().count() > longest {
        faults.add(path, FaultCode::TooLong, format!("has more than {longest} characters"));
        sound = false;
    }
    if let Some(character) = unwelcome(text, lines) {
        faults.add(path, FaultCode::CharacterInvalid, unwelcome_message(character));
        sound = false;
    }
    sound
}
