package storetest

import (
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/store"
	"github.com/adit-hq/adit/internal/usage"
)

func reportStories() []story {
	return []story{
		{"a report is what rolling up all records gives", sumsAreRollups},
		{"tags of any length tell sums apart", longTags},
		{"a report that is too long is refused", tooLong},
		{"old hours go before old days", prunedUsage},
		{"a batch counts once, however often it is tried", batchOnce},
		{"days that are left serve where hours are gone", daysServe},
	}
}

// drawRecords makes usage of a few days around midnight.
func drawRecords(rt *rapid.T, organization string) []usage.Record {
	word, few := rapid.SampledFrom([]string{"", "a", "B", "ä"}), rapid.Int64Range(0, 1<<40)
	tags := rapid.SampledFrom([]map[string]string{nil, {"team": "a"}, {"team": "b"}, {"team": "a", "cost": "1"}, {"cost": "1"}, {"team": ""}})
	return rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) usage.Record {
		return usage.Record{
			Hour:         Now().Truncate(24 * time.Hour).Add(time.Duration(rapid.IntRange(-30, 30).Draw(rt, "hour")) * time.Hour),
			Organization: organization + rapid.SampledFrom([]string{"", "", "", "a"}).Draw(rt, "organization"), Environment: word.Draw(rt, "environment"), Model: word.Draw(rt, "model"), Key: word.Draw(rt, "key"),
			Tags: usage.TagText(tags.Draw(rt, "tags")),
			Counts: usage.Counts{
				Requests: few.Draw(rt, "r"), Texts: few.Draw(rt, "x"), Tokens: few.Draw(rt, "t"), Estimated: few.Draw(rt, "e"), Errors: few.Draw(rt, "f"),
				Throttles: few.Draw(rt, "h"), OverBudget: few.Draw(rt, "o"), Cost: few.Draw(rt, "c"), EstimatedCost: few.Draw(rt, "ec"), Unpriced: few.Draw(rt, "u"),
			},
		}
	}), 30, 80).Draw(rt, "records")
}

// sumsAreRollups draws records, groupings and times, with midnights and without.
func sumsAreRollups(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		organization := fmt.Sprintf("org_%d", run)
		must(t, s.AddUsage(t.Context(), drawRecords(rt, organization)))
		for range 20 {
			b := rapid.Bool()
			by := usage.By{Organization: b.Draw(rt, "by organization"), Environment: b.Draw(rt, "by environment"), Model: b.Draw(rt, "by model"), Key: b.Draw(rt, "by key"), Tag: rapid.SampledFrom([]string{"", "", "team", "none"}).Draw(rt, "by tag")}
			switch rapid.IntRange(0, 2).Draw(rt, "time") {
			case 1:
				by.Hour = true
			case 2:
				by.Day = true
			}
			at := rapid.Custom(func(rt *rapid.T) time.Time {
				midnight := Now().Truncate(24*time.Hour).AddDate(0, 0, rapid.IntRange(-2, 2).Draw(rt, "day"))
				return rapid.SampledFrom([]time.Time{{}, midnight, midnight.Add(5 * time.Hour), midnight.Add(5*time.Hour + time.Minute), midnight.Add(-time.Microsecond)}).Draw(rt, "at")
			})
			q := usage.Query{From: at.Draw(rt, "from"), To: at.Draw(rt, "to"), Organization: organization + rapid.SampledFrom([]string{"", "", "a"}).Draw(rt, "of"), Model: rapid.SampledFrom([]string{"", "", "", "a"}).Draw(rt, "model")}
			records, err := s.Usage(t.Context(), q)
			must(t, err)
			want := usage.Rollup(records, by)
			got, err := s.Sums(t.Context(), q, by, 1000)
			must(t, err)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				rt.Fatalf("%+v by %+v (-rollup +sums):\n%s", q, by, diff)
			}
			if len(want) > 1 {
				_, err = s.Sums(t.Context(), q, by, len(want)-1)
				wantFault(t, err, fault.Invalid, "too_many_groups")
			}
		}
	})
}

func wantSums(t *testing.T, s *store.Store, q usage.Query, by usage.By, want ...usage.Record) {
	t.Helper()
	got, err := s.Sums(t.Context(), q, by, 0)
	must(t, err)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the sums by %+v (-want +got):\n%s", by, diff)
	}
}

func longTags(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	tags := map[string]string{}
	for i := range 20 { // as many and as long as a key may have, and nothing that a database could shorten
		name, value := sha512.Sum512([]byte{0, byte(i)}), sha512.Sum512([]byte{1, byte(i)})
		tags[hex.EncodeToString(name[:])] = hex.EncodeToString(value[:]) + hex.EncodeToString(name[:])
	}
	var records []usage.Record
	for i := range 3 {
		tags["team"] = fmt.Sprint(i)
		r := record(Now().Truncate(time.Hour), "a", "k")
		r.Tags = usage.TagText(tags)
		records = append(records, r)
	}
	must(t, s.AddUsage(t.Context(), records))
	got, err := s.Usage(t.Context(), usage.Query{})
	must(t, err)
	if diff := cmp.Diff(records, got); diff != "" {
		t.Errorf("the records (-want +got):\n%s", diff)
	}
	only := usage.Record{Tags: usage.TagText(map[string]string{"team": "1"}), Counts: records[1].Counts}
	first, last := only, only
	first.Tags, last.Tags = usage.TagText(map[string]string{"team": "0"}), usage.TagText(map[string]string{"team": "2"})
	wantSums(t, s, usage.Query{}, usage.By{Tag: "team"}, first, only, last)
	bad := record(Now(), "a", "k")
	bad.Tags = "\x00\xff"
	must(t, s.AddUsage(t.Context(), []usage.Record{bad}))
}

func tooLong(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	records := make([]usage.Record, 4000)
	for i := range records {
		records[i] = record(Now(), fmt.Sprint(i%1000), fmt.Sprint(i))
	}
	must(t, s.AddUsage(t.Context(), records))
	_, err := s.Sums(t.Context(), usage.Query{}, usage.By{Key: true}, 1000)
	wantFault(t, err, fault.Invalid, "too_many_groups")
	got, err := s.Sums(t.Context(), usage.Query{}, usage.By{Model: true}, 1000)
	if len(got) != 1000 || err != nil {
		t.Errorf("%d sums (%v), want 1000", len(got), err)
	}
	got, err = s.Sums(t.Context(), usage.Query{}, usage.By{Key: true}, 0)
	if len(got) != 4000 || err != nil {
		t.Errorf("%d sums (%v) without a limit, want 4000", len(got), err)
	}
}

// fillDays puts one record into every hour of the days up to Now's.
func fillDays(t *testing.T, s *store.Store, days int) (midnight time.Time) {
	t.Helper()
	midnight = Now().Truncate(24 * time.Hour)
	var records []usage.Record
	for h := range days * 24 {
		records = append(records, record(midnight.Add(time.Duration(23-h)*time.Hour), "a", "k"))
	}
	must(t, s.AddUsage(t.Context(), records))
	return midnight
}

func prunedUsage(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	midnight := fillDays(t, s, 5)
	if n, err := s.PruneUsage(t.Context(), time.Time{}, time.Time{}); n != 0 || err != nil {
		t.Errorf("%d sums went that were not to go (%v)", n, err)
	}
	n, err := s.PruneUsage(t.Context(), midnight.AddDate(0, 0, -1), midnight.AddDate(0, 0, -3))
	if n != 3*24+1 || err != nil {
		t.Errorf("%d sums went (%v), want three days of hours and one of days", n, err)
	}
	left, err := s.Usage(t.Context(), usage.Query{})
	must(t, err)
	if len(left) != 48 || !left[0].Hour.Equal(midnight.AddDate(0, 0, -1)) {
		t.Errorf("%d hours are left, from %v", len(left), left[0].Hour)
	}
	sums, err := s.Sums(t.Context(), usage.Query{}, usage.By{Day: true}, 0)
	must(t, err)
	if len(sums) != 4 || !sums[0].Hour.Equal(midnight.AddDate(0, 0, -3)) || sums[0].Requests != 24 {
		t.Errorf("the days that are left are %+v", sums)
	}
}

// daysServe asks for thirty hours that begin and end within days.
func daysServe(t *testing.T, e Engine) {
	s := Open(t, e.New(t))
	midnight := fillDays(t, s, 4)
	q := usage.Query{From: midnight.Add(-51 * time.Hour), To: midnight.Add(2 * time.Hour)}
	full := usage.Record{Counts: usage.Counts{Requests: 53, Texts: 106, Tokens: 159, Estimated: 212, Errors: 265, Throttles: 318, OverBudget: 530, Cost: 371, EstimatedCost: 424, Unpriced: 477}}
	wantSums(t, s, q, usage.By{}, full)
	_, err := s.PruneUsage(t.Context(), midnight, time.Time{})
	must(t, err)
	got, err := s.Sums(t.Context(), q, usage.By{}, 0)
	must(t, err)
	if len(got) != 1 || got[0].Requests != 50 {
		t.Errorf("%+v, want 50 requests: two whole days, and the hours of the last", got)
	}
}
