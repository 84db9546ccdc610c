//! The colours of this run, and the terminal's word on its ground.

use crate::{
    config::ThemeSection,
    domain::look::Ground,
    ui::{ColorDepth, Theme},
};

/// How things look in this run.
#[derive(Clone, Debug)]
pub struct Appearance {
    theme: Theme,
    section: ThemeSection,
    depth: ColorDepth,
    ground: Option<Ground>,
    asks: bool,
}

impl Appearance {
    /// The appearance on a terminal of so many colours. `ground` is what the environment tells about it,
    /// and `answers` says whether it may be asked.
    pub fn new(
        section: ThemeSection,
        depth: ColorDepth,
        ground: Option<Ground>,
        answers: bool,
    ) -> Self {
        let theme = Theme::of(&section.look(ground), depth);
        // Sixteen colours are the terminal's own, whatever the ground.
        let has_colors = matches!(depth, ColorDepth::Ansi256 | ColorDepth::Full);
        let asks = answers && has_colors && section.is_auto();
        Self { theme, section, depth, ground, asks }
    }

    /// Whether the terminal is to be asked about its ground.
    pub(super) fn asks(&self) -> bool {
        self.asks
    }

    /// The styles of the moment.
    pub(super) fn theme(&self) -> &Theme {
        &self.theme
    }

    /// Takes the terminal's answer in, and says whether colours have changed. The first answer counts, so
    /// the colours change once at most.
    pub(super) fn hear(&mut self, ground: Ground) -> bool {
        if !std::mem::take(&mut self.asks) || self.ground == Some(ground) {
            return false;
        }
        self.ground = Some(ground);
        self.theme = Theme::of(&self.section.look(self.ground), self.depth);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn styles(appearance: &Appearance) -> String {
        format!("{:?}", appearance.theme())
    }

    #[test]
    fn the_first_answer_counts() {
        let section = ThemeSection::default();
        let mut it = Appearance::new(section, ColorDepth::Full, None, true);
        let before = styles(&it);
        assert!(it.asks() && it.hear(Ground::Light));
        let light = styles(&it);
        assert_ne!(light, before);
        assert!(!it.hear(Ground::Dark) && !it.hear(Ground::Light));
        assert_eq!(styles(&it), light);
    }

    #[test]
    fn nobody_is_asked_where_the_answer_would_change_nothing() {
        let chosen = ThemeSection::named("light");
        for (section, depth, answers) in [
            (ThemeSection::default(), ColorDepth::None, true),
            (ThemeSection::default(), ColorDepth::Ansi16, true),
            (ThemeSection::default(), ColorDepth::Full, false),
            (chosen, ColorDepth::Full, true),
        ] {
            let mut it = Appearance::new(section, depth, None, answers);
            let before = styles(&it);
            assert!(!it.asks() && !it.hear(Ground::Light));
            assert_eq!(styles(&it), before);
        }
        let told = ThemeSection::default();
        let mut it = Appearance::new(told, ColorDepth::Full, Some(Ground::Dark), true);
        assert!(!it.hear(Ground::Dark), "the environment has told that before");
    }
}
