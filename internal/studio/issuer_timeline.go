package studio

import (
	"fmt"
	"slices"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
)

// timeline is the issuer's keys on a line of time, drawn as SVG. Lengths across
// are percentages, so that it fills the width there is and its words stay readable.
type timeline struct {
	Rows   []timelineRow
	Height int
	Axis   int // where the dates stand
	Now    timelineMark
	Marks  []timelineMark
	Says   string
}

// timelineRow is one key: what it is called, and what it was when.
type timelineRow struct {
	Key   wire.SigningKey
	Y     int // of its words; the bar is below
	Parts []timelinePart
}

// timelinePart is a span in one state.
type timelinePart struct{ State, X, Width, Title string }

// timelineMark is a moment.
type timelineMark struct{ X, Text, Anchor string }

// rowHeight is a key's, its words and its bar; nowHeight is for the word above the line of now.
const (
	rowHeight = 46
	nowHeight = 18
)

// newTimeline draws keys from when the first was published to when the active
// one is replaced and the retiring ones have left, or a while from now.
func newTimeline(keys []wire.SigningKey, now, rotates time.Time) timeline {
	if len(keys) == 0 {
		return timeline{}
	}
	keys = slices.Clone(keys)
	slices.SortFunc(keys, func(a, b wire.SigningKey) int { return a.Created.Compare(b.Created) })
	from, to := keys[0].Created, now.Add(48*time.Hour)
	if rotates.After(to) {
		to = rotates.Add(24 * time.Hour)
	}
	for _, k := range keys {
		if k.Leaves != nil && k.Leaves.After(to) {
			to = *k.Leaves
		}
	}
	span := to.Sub(from)
	at := func(t time.Time) float64 { return 100 * min(1, max(0, float64(t.Sub(from))/float64(span))) }
	l := timeline{Axis: nowHeight + len(keys)*rowHeight + 14, Height: nowHeight + len(keys)*rowHeight + 22}
	coming := to // how long the active key signs is not known: on and on
	if rotates.After(now) {
		coming = rotates
	}
	for i, k := range keys {
		l.Rows = append(l.Rows, timelineRow{Key: k, Y: nowHeight + i*rowHeight + 14, Parts: keyParts(k, now, coming, at)})
	}
	l.Now = markAt(at(now), "now")
	l.Marks = []timelineMark{
		{X: "0%", Text: from.UTC().Format("2 Jan"), Anchor: "start"}, {X: "100%", Text: to.UTC().Format("2 Jan 2006"), Anchor: "end"},
	}
	l.Says = fmt.Sprintf("%s on a timeline from %s to %s; the table below has the same.",
		plural(len(keys), "key", "keys"), from.UTC().Format("2 January 2006"), to.UTC().Format("2 January 2006"))
	return l
}

// keyParts are the spans of a key: published, signing, still published. The
// active key signs and the next one waits until the coming rotation, and a
// retiring one stays until it leaves.
func keyParts(k wire.SigningKey, now, coming time.Time, at func(time.Time) float64) []timelinePart {
	moment := func(t *time.Time, otherwise time.Time) time.Time {
		if t == nil {
			return otherwise
		}
		return *t
	}
	gone := moment(k.Removed, coming)
	if k.State == "retiring" {
		gone = moment(k.Removed, moment(k.Leaves, now))
	}
	signs := moment(k.Activated, gone)
	signed := moment(k.Demoted, gone)
	var parts []timelinePart
	add := func(state, what string, from, until time.Time) {
		x, end := at(from), at(until)
		if end <= x {
			return
		}
		parts = append(parts, timelinePart{
			State: state, X: percentText(x), Width: percentText(max(end-x, .4)),
			Title: fmt.Sprintf("%s: %s to %s", what, from.UTC().Format("2 Jan 2006, 15:04"), until.UTC().Format("2 Jan 2006, 15:04 UTC")),
		})
	}
	add("next", "published, not signing yet", k.Created, minTime(signs, gone))
	if k.Activated != nil {
		add("active", "signing", signs, minTime(signed, gone))
		add("retiring", "published until its last tokens expire", signed, gone)
	}
	return parts
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func percentText(f float64) string { return fmt.Sprintf("%.2f%%", f) }

// markAt is a mark whose words keep within the drawing.
func markAt(x float64, text string) timelineMark {
	m := timelineMark{X: percentText(x), Text: text, Anchor: "middle"}
	switch {
	case x < 5:
		m.Anchor = "start"
	case x > 95:
		m.Anchor = "end"
	}
	return m
}
