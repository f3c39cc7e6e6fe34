package cli

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
)

func TestOnlyAYesIsAYes(t *testing.T) {
	for answer, want := range map[string]int{"y\n": 0, "YES\n": 0, "yes\r\n": 0, "\n": 2, "no\n": 2, "": 2, "yep\n": 2} {
		var out bytes.Buffer
		if code := exitCode(ask(t.Context(), strings.NewReader(answer), &out, "Delete it?")); code != want || out.String() != "Delete it? [y/N] " {
			t.Errorf("%q: code %d, and printed %q", answer, code, out.String())
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	r, w := io.Pipe() // nobody answers
	defer w.Close()
	if code := exitCode(ask(ctx, r, io.Discard, "Delete it?")); code != exitInterrupted {
		t.Errorf("Ctrl-C at the question: code %d", code)
	}
}

func TestWhatASigningKeyMayDoAlreadyIsNotToldAsComing(t *testing.T) {
	now := time.Date(2027, 1, 15, 12, 0, 0, 0, time.UTC)
	ripe, unripe := now.Add(-time.Hour), now.Add(time.Hour)
	if got, want := comingOf(wire.SigningKey{Ripens: &ripe}, now), "may sign since "+at(ripe); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := comingOf(wire.SigningKey{Ripens: &unripe}, now), "may sign "+at(unripe); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAMomentIsADateATimeOrASpan(t *testing.T) {
	now := time.Date(2027, 1, 15, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"2027-01-31": "2027-01-31 00:00:00Z", "2027-01-31T08:00:00+02:00": "2027-01-31 06:00:00Z", "90d": "2027-04-15 12:00:00Z", "36h": "2027-01-17 00:00:00Z",
	} {
		var m moment
		if err := m.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := m.ahead(now); err != nil || at(*got) != want {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
	var back moment
	if err := back.UnmarshalText([]byte("7d")); err != nil || at(back.ago(now)) != "2027-01-08 12:00:00Z" {
		t.Errorf("%v, %v", back.ago(now), err)
	}
	for _, text := range []string{"", "soon", "0d", "-1h", "2027-13-01", "1.5d", "99999d"} {
		if err := new(moment).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q passed", text)
		}
	}
	if got, err := (moment{}).ahead(now); got != nil || err != nil || !(moment{}).ago(now).IsZero() {
		t.Errorf("none is %v, %v", got, err)
	}
}

func TestFieldsStandInTwoColumnsAndEmptyOnesAreLeftOut(t *testing.T) {
	var out bytes.Buffer
	if err := printFields(&out, []field{{"name", "prod"}, {"description", ""}, {"models", "a\nb"}}); err != nil {
		t.Fatal(err)
	}
	if want := "name    prod\nmodels  a\n        b\n"; out.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", out.String(), want)
	}
}

// Commands of one data directory take turns, and none fails for the others.
func TestCommandsAtTheSameTimeWaitForEachOther(t *testing.T) {
	d := newDesk(t)
	var group sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d"} {
		group.Go(func() {
			if r := d.adit("org", "create", name); r.code != exitOK {
				t.Errorf("%s: %d: %s", r.line, r.code, r.err)
			}
		})
	}
	group.Wait()
	d.adit("org", "list").exits(0).says("a  ", "b  ", "c  ", "d  ")
}
