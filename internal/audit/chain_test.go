package audit_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/audit/audittest"
)

func event(i int) audit.Event {
	return audit.Event{
		Time:         time.Date(2026, 3, 1, 12, 0, i, 0, time.UTC),
		Organization: "org_1",
		Actor:        audit.Actor{Organization: "org_1", Key: "key_1", Name: "ops", Address: "192.0.2.1"},
		Action:       "environment.update",
		Target:       fmt.Sprintf("env_%d", i),
		Outcome:      "ok",
		Details:      map[string]string{"changed": "region", "new.region": "eu-west-1"},
	}
}

// written returns a store with n rows.
func written(t testing.TB, n int) *audittest.Store {
	t.Helper()
	s := audittest.New()
	for i := range n {
		if err := s.AppendEvents(t.Context(), []audit.Event{event(i)}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func verify(t testing.TB, s *audittest.Store) audit.Verification {
	t.Helper()
	v, err := audit.Verify(context.Background(), s, s.Chain)
	if err != nil {
		t.Fatal(err)
	}
	if v.Sound == (v.Bad != 0) || v.Sound != (v.Why == "") {
		t.Fatalf("a verification that contradicts itself: %+v", v)
	}
	return v
}

func TestAnUntouchedChainIsSound(t *testing.T) {
	s := written(t, 2345) // more than two pages
	v := verify(t, s)
	if !v.Sound || v.Rows != 2345 || v.Head.Count != 2345 {
		t.Errorf("got %+v", v)
	}
}

func TestTheFirstWrongRowIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		tamper func(*audittest.Store)
		bad    int64
		why    string
	}{
		"altered":             {func(s *audittest.Store) { s.Kept[6].Outcome = "denied" }, 7, "row 7 is not as it was written"},
		"removed":             {func(s *audittest.Store) { s.Kept = slices.Delete(s.Kept, 6, 8) }, 7, "rows 7 to 8 are missing"},
		"the first removed":   {func(s *audittest.Store) { s.Kept = s.Kept[1:] }, 1, "row 1 is missing"},
		"reordered":           {func(s *audittest.Store) { s.Kept[6].Event, s.Kept[7].Event = s.Kept[7].Event, s.Kept[6].Event }, 7, "row 7 is not"},
		"moved with its seq":  {func(s *audittest.Store) { s.Kept[6], s.Kept[7] = s.Kept[7], s.Kept[6] }, 7, "row 7 is missing"},
		"cut off":             {func(s *audittest.Store) { s.Kept = s.Kept[:8] }, 9, "rows from 9 to 10 are missing at the end"},
		"cut off with a head": {func(s *audittest.Store) { s.Kept = s.Kept[:8]; s.End.Count, s.End.Last = 8, s.Kept[7].MAC }, 9, "the head"},
		"head put back":       {func(s *audittest.Store) { s.End = headAt(s, 8) }, 9, "rows follow"},
		"all removed":         {func(s *audittest.Store) { s.Kept, s.End = nil, audit.Head{} }, 1, "never begun, or all of it was removed"},
		"head removed":        {func(s *audittest.Store) { s.End = audit.Head{} }, 1, "no head"},
		"another key":         {func(s *audittest.Store) { s.Chain = audit.NewChain([]byte("another")) }, 1, "audit key is another"},
		"checkpoint forged":   {func(s *audittest.Store) { s.Pruned = audit.Checkpoint{Seq: 5, Last: s.Kept[4].MAC, MAC: s.End.MAC} }, 1, "checkpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			s := written(t, 10)
			c.tamper(s)
			v := verify(t, s)
			if v.Sound || v.Bad != c.bad || !strings.Contains(v.Why, c.why) {
				t.Errorf("bad %d: %q; want %d, %q", v.Bad, v.Why, c.bad, c.why)
			}
		})
	}
}

func headAt(s *audittest.Store, n int64) audit.Head {
	last := s.Kept[n-1].MAC
	return audit.Head{Count: n, Last: last, MAC: s.Chain.Head(n, last)}
}

func TestPruningLeavesACheckpointFromWhichTheChainGoesOn(t *testing.T) {
	s := written(t, 10)
	p, err := s.PruneBefore(t.Context(), event(6).Time)
	if err != nil || p.Seq != 6 {
		t.Fatalf("checkpoint %+v, %v", p, err)
	}
	if v := verify(t, s); !v.Sound || v.Rows != 4 || v.Checkpoint.Seq != 6 {
		t.Errorf("after pruning: %+v", v)
	}
	if _, err := s.PruneBefore(t.Context(), event(100).Time); err != nil {
		t.Fatal(err)
	}
	if v := verify(t, s); !v.Sound || v.Rows != 0 || v.Checkpoint.Seq != 10 {
		t.Errorf("all pruned: %+v", v)
	}
	s.Pruned = audit.Checkpoint{}
	if v := verify(t, s); v.Sound {
		t.Error("that the checkpoint was removed is not found")
	}
}

func TestAppendingDoesNotHealAHeadThatWasTamperedWith(t *testing.T) {
	s := written(t, 10)
	s.Kept = s.Kept[:8]
	s.End.Count, s.End.Last = 8, s.Kept[7].MAC
	for i := range 3 {
		if err := s.AppendEvents(t.Context(), []audit.Event{event(20 + i)}); err != nil {
			t.Fatal(err)
		}
	}
	if v := verify(t, s); v.Sound {
		t.Error("three rows later nobody knows that two were cut off")
	}
}

// A reader that sees rows and head at different moments finds nothing wrong.
func TestVerifyingWhileRowsAreWrittenAndPrunedIsSound(t *testing.T) {
	s := &busy{Store: written(t, 1500), t: t}
	v, err := audit.Verify(t.Context(), s, s.Chain)
	if err != nil || !v.Sound || s.End.Count == 1500 {
		t.Errorf("%+v, %v", v, err)
	}
}

// Of a pruning that goes before the reading every piece breaks it off; what is
// wrong further on is found all the same, and so is a checkpoint that was made up.
func TestVerifyingWhileManyPiecesArePrunedFindsOnlyWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		harm func(*audittest.Store)
		bad  int64
	}{
		"nothing":            {func(*audittest.Store) {}, 0},
		"an altered row":     {func(s *audittest.Store) { s.Kept[1400].Target = "another" }, 1401},
		"a made-up pruning":  {func(s *audittest.Store) { s.Pruned.Seq, s.Pruned.MAC = 3, []byte("x") }, 1},
		"rows that were cut": {func(s *audittest.Store) { s.Kept = s.Kept[:1300] }, 1301},
	} {
		t.Run(name, func(t *testing.T) {
			s := &overtaking{Store: written(t, 1500)}
			c.harm(s.Store)
			v, err := audit.Verify(t.Context(), s, s.Chain)
			if err != nil || v.Bad != c.bad || v.Sound != (c.bad == 0) {
				t.Errorf("%+v, %v", v, err)
			}
		})
	}
}

// overtaking prunes a piece before each of the first readings.
type overtaking struct {
	*audittest.Store
	reads int
}

func (o *overtaking) Rows(ctx context.Context, q audit.Query) ([]audit.Row, error) {
	if o.reads++; o.reads < 12 {
		if _, err := o.PruneBefore(ctx, event(100*o.reads).Time); err != nil {
			return nil, err
		}
	}
	return o.Store.Rows(ctx, q)
}

// busy writes a row before every look at the head, and prunes once in the middle of the reading.
type busy struct {
	*audittest.Store
	t     *testing.T
	reads int
}

func (b *busy) Head(ctx context.Context) (audit.Head, error) {
	if len(b.Kept) < 1505 {
		if err := b.AppendEvents(ctx, []audit.Event{event(len(b.Kept))}); err != nil {
			b.t.Fatal(err)
		}
	}
	return b.Store.Head(ctx)
}

func (b *busy) Rows(ctx context.Context, q audit.Query) ([]audit.Row, error) {
	if b.reads++; b.reads == 2 {
		if _, err := b.PruneBefore(ctx, event(1200).Time); err != nil {
			b.t.Fatal(err)
		}
	}
	return b.Store.Rows(ctx, q)
}

func TestAnySingleMutationIsFound(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := audittest.New()
		text := rapid.StringN(0, 12, 40)
		n := rapid.IntRange(2, 12).Draw(r, "rows")
		for range n {
			e := audit.Event{
				Time:         time.UnixMicro(rapid.Int64Range(0, 1<<50).Draw(r, "time")),
				Organization: text.Draw(r, "organization"),
				Actor:        audit.Actor{Organization: text.Draw(r, "of"), Key: text.Draw(r, "key"), Name: text.Draw(r, "name"), Address: text.Draw(r, "address")},
				Action:       text.Draw(r, "action"), Target: text.Draw(r, "target"), Outcome: text.Draw(r, "outcome"),
				Details: rapid.MapOfN(text, text, 0, 3).Draw(r, "details"),
			}
			if err := s.AppendEvents(t.Context(), []audit.Event{e}); err != nil {
				r.Fatal(err)
			}
		}
		if v := verify(t, s); !v.Sound {
			r.Fatalf("not sound before anything was done: %+v", v)
		}
		what := mutate(r, s, rapid.IntRange(0, n-1).Draw(r, "row"))
		if v := verify(t, s); v.Sound {
			r.Fatalf("%s: not found", what)
		}
	})
}

// mutate does one thing that somebody with access to the database could do.
func mutate(r *rapid.T, s *audittest.Store, at int) string {
	row := &s.Kept[at]
	flip := func(b []byte) []byte {
		b = bytes.Clone(b)
		b[rapid.IntRange(0, len(b)-1).Draw(r, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(r, "bit")
		return b
	}
	// Moving text from one field into the next is what a missing length would hide.
	shift := func(a, b *string) {
		if *b == "" {
			*a += "x"
			return
		}
		*a, *b = *a+(*b)[:1], (*b)[1:]
	}
	ways := map[string]func(){
		"time":                func() { row.Time = row.Time.Add(time.Microsecond) },
		"organization":        func() { shift(&row.Organization, &row.Actor.Organization) },
		"actor's key":         func() { shift(&row.Actor.Key, &row.Actor.Name) },
		"actor's name":        func() { shift(&row.Actor.Name, &row.Actor.Address) },
		"address":             func() { shift(&row.Actor.Address, &row.Action) },
		"action":              func() { shift(&row.Action, &row.Target) },
		"target":              func() { shift(&row.Target, &row.Outcome) },
		"outcome":             func() { row.Outcome += "!" },
		"detail added":        func() { row.Details = with(row.Details, "never a name of theirs", "x") },
		"detail changed":      func() { change(row) },
		"seq":                 func() { row.Seq++ },
		"mac":                 func() { row.MAC = flip(row.MAC) },
		"removed":             func() { s.Kept = slices.Delete(s.Kept, at, at+1) },
		"cut off":             func() { s.Kept = s.Kept[:at] },
		"doubled":             func() { s.Kept = slices.Insert(s.Kept, at, *row) },
		"begins later":        func() { s.Kept = s.Kept[at+1:] },
		"head's count":        func() { s.End.Count += rapid.SampledFrom([]int64{-1, 1}).Draw(r, "by") },
		"head's last":         func() { s.End.Last = flip(s.End.Last) },
		"head's mac":          func() { s.End.MAC = flip(s.End.MAC) },
		"head gone":           func() { s.End = audit.Head{} },
		"two rows' places":    func() { o := (at + 1) % len(s.Kept); s.Kept[at], s.Kept[o] = s.Kept[o], s.Kept[at] },
		"a made-up prune":     func() { s.Pruned = audit.Checkpoint{Seq: row.Seq, Last: row.MAC, MAC: row.MAC} },
		"cut, with its count": func() { s.Kept = s.Kept[:at]; s.End.Count = int64(at) },
	}
	names := make([]string, 0, len(ways))
	for name := range ways {
		names = append(names, name)
	}
	slices.Sort(names)
	name := rapid.SampledFrom(names).Draw(r, "mutation")
	ways[name]()
	return name
}

func with(m map[string]string, name, value string) map[string]string {
	c := map[string]string{name: value}
	for k, v := range m {
		c[k] = v
	}
	return c
}

// change alters one detail, or adds an empty one where there is none.
func change(row *audit.Row) {
	for name, value := range row.Details {
		row.Details = with(row.Details, name, "")
		row.Details[name] = value + "x"
		return
	}
	row.Details = map[string]string{"": ""}
}
