//! The directives Blade knows, and the at-rules of CSS that look like directives: lower-case words with a space between.

/// Directives that stand for something in the page.
pub(super) const OUTPUT: &str = "\
    asset checked class component csrf dd dump each entangle include includefirst includeif \
    includeunless includewhen inject js json lang livewire livewirescripts livewirestyles method \
    readonly required routes disabled selected stack style vite vitereactrefresh yield parent extends \
    extendsfirst choice slot";

/// Directives that stand for nothing themselves.
pub(super) const STATEMENTS: &str = "\
    append aware auth break cache can canany cannot case componentfirst context continue default else elseauth \
    elsecan elsecanany elsecannot elseguest elseif empty endauth endcache endcan endcanany endcannot endcomponent \
    endcomponentclass endcomponentfirst endcontext endempty endenv enderror endfor endforeach endforelse \
    endfragment endguest endhassection endif endisset endlang endonce endphp endprepend endprependonce \
    endproduction endpush endpushif endpushonce endsection endsession endslot endswitch endunless \
    endverbatim endwhile env error for foreach forelse fragment guest hassection if isset once overwrite \
    php prepend prependonce production props push pushif pushonce section sectionmissing session show \
    stop switch unless unset use while";

/// What CSS has behind an `@`, with or without parentheses.
pub(super) const AT_RULES: &str = "\
    apply charset container import layer media namespace page property scope supports";

/// Whether a list has this word.
pub(super) fn has(list: &str, word: &str) -> bool {
    list.split(' ').any(|known| known == word)
}
