//! Enums whose variants have a printed name: the names stand once, next to the variants.

/// Declares an enum with a name for each variant, a table of the variants, and its `Display`.
macro_rules! named {
    (
        $(#[$about:meta])+
        $vis:vis enum $type:ident {
            $($(#[$doc:meta])* $variant:ident = $name:literal,)+
        }
    ) => {
        $(#[$about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $vis enum $type {
            $($(#[$doc])* $variant,)+
        }

        impl $type {
            /// Every variant, in the order of the documentation.
            $vis const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// The name as it is printed.
            #[must_use]
            $vis const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}
