// Runs in every document before anything of the page does: records what runs, what is applied and what policies say, tries every
// handler and javascript: URL, and sends what came of it to the server.
//
// It knows a page's own end: a request that the report-only policy of every response reports comes behind all that was
// reported before, since a browser delivers violations in order. Nothing here waits for a time to pass; what does not come
// within LIMIT is an error in the report.
(() => {
  if (window.__probe) return;
  const LIMIT = 20000;
  const XHTML = "http://www.w3.org/1999/xhtml", SVG = "http://www.w3.org/2000/svg", MATHML = "http://www.w3.org/1998/Math/MathML";
  const { fetch, setTimeout, clearTimeout, MessageChannel } = window;
  // The only one that follows links in MathML.
  const isFirefox = navigator.userAgent.includes("Firefox");
  const isTop = window === window.top;
  const ran = [], framed = [], evil = [], errors = [], urls = [];
  let violations = [], waiting = [], awaited = [], children = new Map();
  Object.defineProperty(window, "__probe", { value: { report: () => report({}), settled: () => settled() } });

  // What pages call to say that they ran. Random markup has r0, r1, … for its scripts and handlers.
  const tell = what => {
    ran.push(what);
    awaited = awaited.filter(wanted => wanted.what !== what || wanted.done());
  };
  window.ran = what => tell(String(what));
  window.evil = what => void evil.push(String(what));
  for (let n = 0; n < 80; n++) {
    Object.defineProperty(window, "r" + n, { configurable: true, get() { tell("r" + n); return 0; } });
  }
  // What would stop the page or leave it.
  for (const name of ["alert", "confirm", "prompt", "print", "open", "stop"]) window[name] = () => null;
  if (window.navigation) {
    navigation.addEventListener("navigate", event => {
      if (tried && event.cancelable && !event.hashChange) event.preventDefault();
    });
  }
  let tried = false;

  const within = (what, start) => new Promise(done => {
    const timer = setTimeout(() => { errors.push(what); done(); }, LIMIT);
    start(() => { clearTimeout(timer); done(); });
  });

  addEventListener("securitypolicyviolation", event => {
    const marker = /https:\/\/(everything|without-\d+)/.exec(event.originalPolicy);
    const violation = {
      directive: event.effectiveDirective, enforced: event.disposition === "enforce", blocked: event.blockedURI,
      sample: event.sample, policy: marker ? marker[1] : "",
    };
    const isOurs = violation.blocked.startsWith("http://127.0.0.1:9/");
    if (!isOurs && (violation.policy !== "everything" || violation.blocked === "inline")) violations.push(violation);
    waiting = waiting.filter(({ is, done }) => !is(violation) || done());
  }, true);

  const reported = (what, is, act) => within(what, done => {
    waiting.push({ is, done });
    act();
  });

  // Modules that a script imports come after the load event.
  const appeared = what => ran.includes(what) || framed.includes(what) ||
    within(`${what} did not run`, done => awaited.push({ what, done }));

  // What a navigation or a plugin is blocked for may come behind the page's own end.
  const isBlockedBy = directive => ({ directive: by, enforced }) => enforced && by === directive;
  const blockedBy = directive => violations.some(isBlockedBy(directive)) || reported(`${directive} blocked nothing`, isBlockedBy(directive), () => {});

  let sentinels = 0;
  const settled = () => {
    try {
      // One event loop, so that the page's own order is the frame's too.
      if (!isTop && parent.__probe) return parent.__probe.settled();
    } catch {
      // A frame of another origin.
    }
    const url = `http://127.0.0.1:9/sentinel/${++sentinels}`;
    return reported("the sentinel was not reported", ({ blocked, policy }) => blocked === url && policy === "everything", () =>
      void fetch(url, { mode: "no-cors" }).catch(() => {}));
  };

  function* elements(root = document) {
    for (const element of root.querySelectorAll("*")) {
      if (element.closest("[data-evil], meta[data-cspseal]")) continue;
      yield element;
      if (element.shadowRoot) yield* elements(element.shadowRoot);
    }
  }

  const handlers = element => [...element.attributes].map(a => a.name).filter(name => /^on/i.test(name) && name.toLowerCase() in element);

  // What of a page shows that its styles are applied and its handlers compiled.
  const look = () => [...elements()].map(element => {
    const seen = [element.localName];
    for (const name of handlers(element)) seen.push(`${name}:${typeof element[name.toLowerCase()]}`);
    if (element.hasAttribute("style") && element.style) seen.push(`style:${element.style.cssText}`);
    if (element.localName === "style") seen.push(`sheet:${element.sheet && [...element.sheet.cssRules].map(r => r.cssText).join(" ")}`);
    const style = getComputedStyle(element);
    seen.push(style.color, style.backgroundColor, style.display);
    return seen.join(" ");
  });

  // Plain events, which follow no link and submit no form.
  const fire = element => handlers(element).forEach(name => {
    try { element.dispatchEvent(new Event(name.toLowerCase().slice(2))); } catch (error) { errors.push(`${name}: ${error}`); }
  });

  const isJavascript = value => {
    try { return value != null && new URL(value, document.baseURI).protocol === "javascript:"; } catch { return false; }
  };
  // A link to another window would be stopped as a popup; it is followed here. `away` is whether it is followed in a frame.
  const here = (element, url, act) => {
    const away = [...document.querySelectorAll("iframe[name]")].some(frame => frame.name === element.getAttribute("target"));
    if (!away) element.setAttribute("target", "_self");
    // They have been fired, and may only stop what is tried here.
    element.onclick = element.onsubmit = null;
    return { act, url, away };
  };
  const click = element => element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, view: window }));

  /** How to follow the javascript: URL of an element, if it has one. */
  const follow = element => {
    const { localName: name, namespaceURI: space } = element;
    const value = attribute => element.getAttribute(attribute);
    const html = space === XHTML;
    if (html && (name === "a" || name === "area") && isJavascript(value("href"))) return here(element, value("href"), () => click(element));
    // Animated or not.
    if (space === SVG && name === "a" && isJavascript(element.href.animVal)) return here(element, element.href.animVal, () => click(element));
    if (space === MATHML && isJavascript(value("href"))) return isFirefox ? here(element, value("href"), () => click(element)) : null;
    if (html && name === "form" && element.method !== "dialog" && isJavascript(value("action"))) return here(element, value("action"), () => HTMLFormElement.prototype.submit.call(element));
    // In Chromium the button of a select submits nothing.
    const isOfSelect = !isFirefox && element.closest("select");
    if (html && (name === "button" || name === "input") && isJavascript(value("formaction")) && element.form && /^(submit|image)$/.test(element.type) && !isOfSelect) {
      element.form.noValidate = true;
      element.onclick = null;
      return here(element.form, value("formaction"), () => element.form.requestSubmit(element));
    }
    return null;
  };
  // How a URL begins in a report, where browsers decode more or less of it and cut it off anywhere.
  const beginning = url => url
    .replace(/(%.?)?…$/, "")
    .replace(/%[0-7][0-9a-f]/gi, code => String.fromCharCode(parseInt(code.slice(1), 16)))
    .replace(/(%[89a-f][0-9a-f]|[^\x20-\x7e])+/gi, "?")
    .slice(0, 22).trim();
  // Firefox checks a URL that it lets pass once more, in the document where it runs; another click before that would cancel it.
  const followed = ({ act, url, away }) => {
    let checks = isFirefox && !away ? 2 : 1;
    const start = beginning(new URL(url, document.baseURI).href);
    return reported(`a javascript: URL was not checked: ${url}`, ({ directive, blocked, enforced, policy, sample }) => {
      if (directive !== "script-src-elem" || blocked !== "inline") return false;
      if (policy === "everything" && start.startsWith(beginning(sample))) checks--;
      else if (enforced && isFirefox) checks--;
      return checks <= 0;
    }, act);
  };

  // In a frame as in the page; a frame is asked by the document it stands in.
  addEventListener("message", event => {
    if (typeof event.data === "string" && event.data.startsWith("probe: here ")) {
      if (event.source) children.set(event.source, { origin: event.origin, url: event.data.slice(12) });
    } else if (event.data && event.data.__ran !== undefined) window.ran(event.data.__ran);
    else if (event.data === "probe: report" && event.source === parent) {
      const [port] = event.ports;
      report({}).then(found => port.postMessage(found));
    }
  });
  // A frame with a page of its own, or an error, has a policy of its own, and is none of this page's. An empty one of another origin may
  // make way for one without a probe.
  if (!isTop && !/^(http|chrome-error):$/.test(location.protocol) && !(origin === "null" && /^(about:blank)?$/.test(location.href))) parent.postMessage(`probe: here ${location.href}`, "*");
  const loaded = within("the page did not load", done => {
    if (document.readyState === "complete") done();
    addEventListener("load", done);
    addEventListener("DOMContentLoaded", () => {
      // What is loaded later belongs to the page too.
      for (const frame of document.querySelectorAll("iframe[loading=lazy]")) frame.loading = "eager";
      // Chromium waits for ever for what such an element names.
      if (document.querySelector('use[href^="javascript:"]')) done();
    });
  });

  const ofFrame = (frame, { origin, url }) => {
    let ask;
    try {
      // The document that said so may have made way for one without a probe, also for one of another origin.
      if (!frame.document || !frame.__probe || frame.location.protocol === "http:") return null;
      ask = answered => frame.__probe.report().then(answered);
    } catch {
      if (origin !== "null") return null;
      ask = answered => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = event => answered(event.data);
        frame.postMessage("probe: report", "*", [port2]);
      };
    }
    let found = null;
    return within(`a frame did not answer: ${url}`, done => ask(answer => { found = answer; done(); })).then(() => found);
  };

  async function report({ expect, inject, blocks }) {
    await loaded;
    await settled();
    if (blocks) await blockedBy(blocks);
    const looks = look();
    tried = true;
    const all = [...elements()];
    all.forEach(fire);
    await settled();
    for (const element of all) {
      const link = follow(element);
      if (link) await followed(link);
    }
    await settled();
    const frames = [];
    for (const [frame, said] of children) if (frame.parent === window) frames.push(await ofFrame(frame, said));
    for (const frame of frames.filter(Boolean)) framed.push(...frame.ran);
    for (const what of expect || []) await appeared(what);
    const found = { ran: [...ran], looks, violations, errors, evil, blocked: [], encodings: [document.characterSet] };
    violations = found.blocked;
    if (inject) {
      const host = document.createElementNS(XHTML, "div");
      host.innerHTML = inject;
      // A script that comes by innerHTML does not run.
      for (const old of [...host.querySelectorAll("script")]) {
        const script = document.createElementNS(XHTML, "script");
        for (const { name, value } of old.attributes) script.setAttribute(name, value);
        script.textContent = old.textContent;
        old.replaceWith(script);
      }
      document.documentElement.append(...host.childNodes);
      await settled();
    }
    for (const element of document.querySelectorAll("[data-evil]")) {
      fire(element);
      if (element.localName === "a") await followed(here(element, element.getAttribute("href"), () => click(element)));
    }
    await settled();
    found.sentinels = sentinels;
    if (getComputedStyle(document.documentElement).getPropertyValue("--evil")) evil.push("style");
    for (const frame of frames.filter(Boolean)) for (const [key, list] of Object.entries(found)) {
      if (Array.isArray(list)) found[key] = list.concat(frame[key]);
    }
    return found;
  }

  if (isTop && location.protocol === "http:") {
    const token = location.pathname.split("/")[1];
    // The page may have a base of another origin.
    const { origin } = location;
    const post = found => fetch(`${origin}/report/${token}`, { method: "POST", body: JSON.stringify(found) });
    fetch(`${origin}/task/${token}`).then(answer => answer.json()).then(report).then(post, error => post({ failed: `${error} ${error.stack}` }));
  }
})();
