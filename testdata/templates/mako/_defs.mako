<%def name="script(src)"><script defer src="${src}"></script></%def>
<%def name="wrap()"><script>${caller.body()}</script></%def>
