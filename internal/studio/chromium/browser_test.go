package chromium

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take to show what is waited for. It is long:
// the machines are shared, and a browser under load is slow.
const patience = 60 * time.Second

// browser is one window with a profile of its own, and what went wrong in it.
type browser struct {
	t    *testing.T
	ctx  context.Context // chromedp keeps the window in it
	base string

	mu       sync.Mutex
	expected []string // parts of complaints that belong to the story
	wrong    []string
}

// openBrowser opens a window on a server. What its console, its content
// security policy or a dialog says fails the test at its end.
func openBrowser(t *testing.T, base string) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"),
		chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(patience),
	)
	ctx, end := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(end)
	b := &browser{t: t, base: base}
	ctx, shut := chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {}), chromedp.WithListener(b.hear))
	t.Cleanup(shut)
	b.ctx = ctx
	if err := chromedp.Do(ctx, command(log.Enable, cdp.Empty{})); err != nil { // the window lives as long as this context
		t.Fatalf("open a window: %v", err)
	}
	b.size(1440, 1000)
	t.Cleanup(b.complain)
	return b
}

// command is an action that sends a command of the protocol.
func command[P, R any](c cdp.Command[P, R], p P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, p)
		return err
	})
}

// program is Chromium's, or the test skips.
func program(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("there is no Chromium, which scripts/need.sh installs in CI")
	}
	t.Skip("there is no Chromium (Debian's package chromium)")
	return ""
}

// hear notes what a reader of the console would see.
func (b *browser) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.note(fmt.Sprintf("exception: %s %v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if kind := string(e.Type); kind == "error" || kind == "warning" || kind == "assert" {
			b.note(fmt.Sprintf("console: %s", e.Args[0].Value))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.note("log: " + e.Entry.Text + " " + e.Entry.URL)
		}
	case *page.EventJavascriptDialogOpening:
		b.note("dialog: " + e.Message)
		go func() {
			_ = chromedp.Do(b.ctx, command(page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{}))
		}()
	}
}

func (b *browser) note(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wrong = append(b.wrong, what)
}

// expect lets what holds the words pass, such as the browser's word on a 404 that the story asks for.
func (b *browser) expect(words string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected = append(b.expected, words)
}

func (b *browser) complain() {
	b.mu.Lock()
	defer b.mu.Unlock()
next:
	for _, w := range b.wrong {
		for _, e := range b.expected {
			if strings.Contains(w, e) {
				continue next
			}
		}
		b.t.Errorf("the browser says: %s", w)
	}
}

// do runs steps of a story. Where one fails, the page as it is then goes to
// ADIT_SCREENSHOTS, if that names a folder.
func (b *browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.shoot("failed-" + strings.ReplaceAll(b.t.Name(), "/", "-"))
		b.t.Fatalf("%s: %v\nat %s, which shows:\n%.3000s", what, err, b.location(), b.text("body"))
	}
}

// visit opens a path of the server, or a URL.
func (b *browser) visit(path string) {
	b.t.Helper()
	url := path
	if strings.HasPrefix(path, "/") {
		url = b.base + path
	}
	b.do("visit "+path, chromedp.Navigate(url), chromedp.WaitReady(chromedp.CSS("body")))
}

// click presses what the selector finds, as soon as it can be seen.
func (b *browser) click(selector string) {
	b.t.Helper()
	b.do("click "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// press presses the button or link of the page's main part with these words.
func (b *browser) press(words string) {
	b.t.Helper()
	b.do("press "+words, chromedp.Click(chromedp.Search(fmt.Sprintf(
		`//main//*[self::button or self::a or self::summary][normalize-space(.)=%q]`, words)), chromedp.NodeVisible))
}

// fill types into the field of that name.
func (b *browser) fill(name, text string) {
	b.t.Helper()
	field := chromedp.CSS(fmt.Sprintf(`main [name=%q]`, name))
	b.do("fill "+name, chromedp.WaitVisible(field), chromedp.SetValue(field, text))
}

// sees waits until the page shows the words.
func (b *browser) sees(words string) {
	b.t.Helper()
	b.until("see "+words, `(words) => document.body && document.body.innerText.includes(words)`, words)
}

// arrives waits until the window is below a path.
func (b *browser) arrives(path string) {
	b.t.Helper()
	b.until("arrive at "+path, `(path) => location.pathname.startsWith(path) && document.readyState === "complete"`, path)
}

// until waits for a function of the page to be true. A page that goes away
// meanwhile is asked again.
func (b *browser) until(what, function string, args ...any) {
	b.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		ctx, cancel := context.WithDeadline(b.ctx, deadline)
		_, err := chromedp.Run(ctx, chromedp.PollFunction[chromedp.Void](function,
			chromedp.WithPollingArgs(args...), chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(patience)))
		cancel()
		if err == nil {
			return
		}
		if time.Now().After(deadline) || b.ctx.Err() != nil {
			b.shoot("failed-" + strings.ReplaceAll(b.t.Name(), "/", "-"))
			b.t.Fatalf("%s: %v\nat %s, which shows:\n%.3000s", what, err, b.location(), b.text("body"))
		}
	}
}

// text is what an element shows, "" where there is none.
func (b *browser) text(selector string) string {
	return value[string](b, fmt.Sprintf(`(document.querySelector(%q)||{innerText:""}).innerText`, selector))
}

// value is what a script finds; the zero value where it fails.
func value[T any](b *browser, script string) T {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	out, _ := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	return out
}

// promised is value of a script whose answer comes later.
func promised[T any](b *browser, script string) T {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	out, _ := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	return out
}

func (b *browser) location() string { return value[string](b, `location.pathname`) }

func (b *browser) size(width, height int64) {
	b.t.Helper()
	b.do("resize", chromedp.EmulateViewport(width, height))
}

// colours sets what the reader's system prefers: "light" or "dark".
func (b *browser) colours(scheme string) {
	b.t.Helper()
	b.do("prefer "+scheme, command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}))
}

// shoot takes a picture of the whole page, from its top, where ADIT_SCREENSHOTS names a folder for it.
func (b *browser) shoot(name string) {
	dir := os.Getenv("ADIT_SCREENSHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	value[bool](b, `scrollTo(0, 0); true`) // what sticks would stand in the middle
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Logf("no picture of %s: %v", name, err)
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644); err != nil {
		b.t.Error(err)
	}
}
