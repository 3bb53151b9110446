//! The tag names that the rules ask about, as constants: `names::div`.
//!
//! Nothing else is here, since a constant takes its name away from every binding beside it.

use super::name::Name;

macro_rules! names {
    ($($constant:ident)+) => {
        /// Each known name's number.
        #[allow(non_camel_case_types)]
        enum Number { $($constant,)+ annotation_xml, use_ }

        /// How the known names are spelled, by their numbers.
        pub(super) const SPELLED: &[&str] = &[$(stringify!($constant),)+ "annotation-xml", "use"];

        $(
            #[allow(non_upper_case_globals, missing_docs)]
            pub(crate) const $constant: Name = Name::known(Number::$constant as u8);
        )+
    };
}

names! {
    a address animate animatemotion animatetransform applet area article aside audio b base basefont bgsound big blockquote body br button
    caption center code col colgroup dd desc details dialog dir div dl dt em embed
    feimage fieldset figcaption figure font footer foreignobject form frame frameset
    h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe image img input keygen li link listing
    main malignmark marquee math menu meta mglyph mi mn mo ms mtext nav nobr noembed noframes noscript
    object ol optgroup option p param plaintext pre rb rp rt rtc ruby s script search section select
    set small source span strike strong style sub summary sup svg table tbody td template textarea
    tfoot th thead title tr track tt u ul var video wbr xmp
}

#[allow(non_upper_case_globals)]
pub(crate) const annotation_xml: Name = Name::known(Number::annotation_xml as u8);

#[allow(non_upper_case_globals)]
pub(crate) const use_: Name = Name::known(Number::use_ as u8);
