package studio

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/adit-hq/adit/internal/fault"
)

// fragmentHeader is what the script sends to get the content of a page without
// what stands around it.
const fragmentHeader = "Adit-Fragment"

// answer is what comes of a visit.
type answer interface{ send(v *visit) error }

// page is a page, drawn whole before any of it is sent.
type page struct {
	// template draws the content; its dot is a [view].
	template string
	// title is the heading; lead a sentence below it.
	title, lead string
	// section is the row of the navigation that is marked, such as "environments".
	section string
	// trail leads back up: the pages above this one.
	trail []link
	// actions stand beside the heading.
	actions []link
	// data is what the template draws: .Data.
	data any
	// status is the HTTP status; 0: 200.
	status int
	// wait is how long to wait before asking again, where the status is of a fault that says so.
	wait time.Duration
	// notice is said above the content, besides what the former page left.
	notice string
	// fault is drawn above the content; a form draws its own.
	fault error
	// refresh has browsers without script load the page again after so many seconds.
	refresh int
	// plain pages have no navigation: signing in, and what went wrong before it.
	plain bool
}

// link leads to a page. Primary ones are what most people want here.
type link struct {
	Label, URL string
	Primary    bool
	Danger     bool
}

// view is what templates draw: the visit, the page and its data.
type view struct {
	*visit
	page   page
	Notice string
	Data   any
}

// What layouts ask of a page.
func (w view) Title() string   { return w.page.title }
func (w view) Lead() string    { return w.page.lead }
func (w view) Section() string { return w.page.section }
func (w view) Trail() []link   { return w.page.trail }

// BackLink is the page above this one; nil for none.
func (w view) BackLink() *link {
	if n := len(w.page.trail); n > 0 {
		return &w.page.trail[n-1]
	}
	return nil
}
func (w view) Actions() []link { return w.page.actions }
func (w view) Plain() bool     { return w.page.plain }
func (w view) Refresh() int    { return w.page.refresh }

// Problem is what went wrong, for the top of the page; nil: nothing.
func (w view) Problem() *problem { return w.problem(w.page.fault) }

func (p page) view(v *visit) view { return view{visit: v, page: p, Notice: p.notice, Data: p.data} }

// refused is the page with the status of a fault.
func (p page) refused(err error) page {
	p.status, p.wait = status(err), fault.From(err).RetryAfter
	return p
}

// sayWhen tells programs when to ask again: in whole seconds, never too early (RFC 9110, 10.2.3).
func (p page) sayWhen(h http.Header) {
	if p.wait > 0 && (p.status == http.StatusTooManyRequests || p.status == http.StatusServiceUnavailable) {
		h.Set("Retry-After", strconv.FormatInt(int64((p.wait-1)/time.Second)+1, 10))
	}
}

func (p page) send(v *visit) error {
	var b bytes.Buffer
	w := p.view(v)
	if err := v.drawPage(&b, w); err != nil {
		return v.broken(err)
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	p.sayWhen(v.w.Header())
	v.w.WriteHeader(max(p.status, http.StatusOK))
	_, err := patient{v.w}.Write(b.Bytes())
	return err
}

// drawPage draws a page whole, or for the script its content only.
func (v *visit) drawPage(out io.Writer, w view) error {
	if v.fragment() {
		return v.drawContent(out, w)
	}
	if w.Notice == "" {
		w.Notice = v.takeNotice()
	}
	if err := v.look.draw(out, "layout-head", w); err != nil {
		return err
	}
	if err := v.drawContent(out, w); err != nil {
		return err
	}
	return v.look.draw(out, "layout-foot", w)
}

// broken is for what can only be a mistake of ours, found while drawing.
func (v *visit) broken(err error) error {
	http.Error(v.w, "This page cannot be drawn. The server's log says why.", http.StatusInternalServerError)
	return err
}

// moved sends the browser to another page, which says the notice.
type moved struct{ to, notice string }

func (m moved) send(v *visit) error {
	if m.notice != "" {
		v.leaveNotice(m.notice)
	}
	v.w.Header().Set("Location", m.to)
	v.w.WriteHeader(http.StatusSeeOther)
	return nil
}

// file is something to keep: an export, a script.
type file struct {
	name, media string
	write       func(io.Writer) error
}

func (f file) send(v *visit) error {
	v.w.Header().Set("Content-Type", f.media)
	v.w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", f.name))
	return f.write(patient{v.w})
}

// patience is how long a browser may take to read one piece of what is sent.
const patience = 2 * time.Minute

// patient gives up on who does not read what is written, rather than waiting
// for ever with all that stands behind it.
type patient struct{ http.ResponseWriter }

// Write implements io.Writer.
func (p patient) Write(b []byte) (int, error) {
	// Connections know the time of the machine only; where no deadline can be set, none is needed.
	_ = http.NewResponseController(p.ResponseWriter).SetWriteDeadline(time.Now().Add(patience))
	return p.ResponseWriter.Write(b)
}

// stream is a page whose content is a list that grows while the browser waits:
// its pieces are <li> elements, each complete. For the script they come without
// the page around them.
type stream struct {
	page  page
	list  string // the id of the list
	steps func(send func(template string, data any) error) error
}

// pieceEnd stands between pieces that the script puts into place. Text of
// others cannot hold it: its < is escaped.
const pieceEnd = "<!--piece-->"

func (s stream) send(v *visit) error {
	out := http.NewResponseController(v.w)
	w := s.page.view(v)
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("X-Accel-Buffering", "no")
	alone := v.fragment()
	if !alone {
		if err := v.look.draw(v.w, "layout-head", w); err != nil {
			return v.broken(err)
		}
		fmt.Fprintf(v.w, `<ol class="steps" id="%s">`, s.list)
	}
	err := s.steps(func(template string, data any) error {
		var b bytes.Buffer
		if err := v.look.draw(&b, template, view{visit: v, page: s.page, Data: data}); err != nil {
			return err
		}
		if alone {
			b.WriteString(pieceEnd)
		}
		if _, err := (patient{v.w}).Write(b.Bytes()); err != nil {
			return err
		}
		return out.Flush()
	})
	if err != nil && fault.KindOf(err) != fault.Canceled {
		what := v.problem(err)
		if what.ErrorID == "" {
			v.note(slog.LevelWarn, err) // the status of the answer does not tell of it
		}
		_ = v.look.draw(v.w, "stream-fault", view{visit: v, page: s.page, Data: what})
	}
	if alone {
		return nil
	}
	fmt.Fprint(v.w, "</ol>")
	return v.look.draw(v.w, "layout-foot", w)
}
