package usage_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/adit-hq/adit/internal/usage"
)

func tagged(team, room string, requests int64) usage.Record {
	tags := map[string]string{}
	if team != "" {
		tags["team"] = team
	}
	if room != "" {
		tags["cost center"] = room
	}
	return usage.Record{Hour: noon(), Organization: "org_1", Key: "key_1", Tags: usage.TagText(tags), Counts: usage.Counts{Requests: requests}}
}

func TestCallersThatDifferInTheirTagsOnlyHaveSumsOfTheirOwn(t *testing.T) {
	s := &store{}
	m := usage.NewMeter(s, usage.Settings{Now: noon})
	for _, r := range []usage.Record{tagged("search", "", 1), tagged("ads", "", 2), tagged("search", "", 4), tagged("", "", 8)} {
		m.Add(r)
	}
	if err := m.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []usage.Record{tagged("", "", 8), tagged("ads", "", 2), tagged("search", "", 5)}
	if d := cmp.Diff(want, s.kept); d != "" {
		t.Errorf("written, in order of tags: %s", d)
	}
}

func TestReportsAreGroupedByTheValueOfOneTag(t *testing.T) {
	records := []usage.Record{
		tagged("search", "a", 1), tagged("search", "b", 2), tagged("ads", "a", 4), tagged("", "a", 8), tagged("", "", 16),
		{Hour: noon(), Tags: "not what TagText writes", Counts: usage.Counts{Requests: 32}},
	}
	for text, want := range map[string][]usage.Record{
		"tag:team": {
			{Counts: usage.Counts{Requests: 8 + 16 + 32}},
			{Tags: `{"team":"ads"}`, Counts: usage.Counts{Requests: 4}},
			{Tags: `{"team":"search"}`, Counts: usage.Counts{Requests: 3}},
		},
		"key, tag:cost center": { // AWS takes spaces in names
			{Counts: usage.Counts{Requests: 32}},
			{Key: "key_1", Counts: usage.Counts{Requests: 16}},
			{Key: "key_1", Tags: `{"cost center":"a"}`, Counts: usage.Counts{Requests: 1 + 4 + 8}},
			{Key: "key_1", Tags: `{"cost center":"b"}`, Counts: usage.Counts{Requests: 2}},
		},
		"": {{Counts: usage.Counts{Requests: 63}}},
	} {
		by, err := usage.ParseBy(text)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, usage.Rollup(records, by)); d != "" {
			t.Errorf("by %q: %s", text, d)
		}
	}
	if value, ok := usage.TagValue(`{"team":"ads"}`, "team"); value != "ads" || !ok {
		t.Errorf("team is %q, %v", value, ok)
	}
	if _, ok := usage.TagValue(`{"team":""}`, "team"); !ok {
		t.Error("an empty value is taken for none")
	}
}

func TestATagWithoutAValueIsNoTagInAReport(t *testing.T) {
	records := []usage.Record{
		{Tags: usage.TagText(map[string]string{"team": ""}), Counts: usage.Counts{Requests: 1}},
		{Tags: usage.TagText(map[string]string{"stage": "prod"}), Counts: usage.Counts{Requests: 2}},
		{Counts: usage.Counts{Requests: 4}},
	}
	want := []usage.Record{{Counts: usage.Counts{Requests: 7}}}
	if d := cmp.Diff(want, usage.Rollup(records, usage.By{Tag: "team"})); d != "" {
		t.Error(d)
	}
}

func TestEveryTagIsReadBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		word := rapid.OneOf(rapid.StringN(1, 20, -1), rapid.StringMatching(`[ -~]{1,20}`))
		tags := rapid.MapOf(word, word).Draw(r, "tags")
		text := usage.TagText(tags)
		for name, want := range tags {
			if got, ok := usage.TagValue(text, name); !ok || got != want {
				r.Errorf("%q is %q (%v) in %s", name, got, ok, text)
			}
		}
		if b, err := json.Marshal(tags); len(tags) > 0 && (err != nil || text != string(b)) {
			r.Errorf("%s is not what JSON has: %s", text, b)
		}
	})
}

func TestWritingPlainTagsAllocatesTheTextAlone(t *testing.T) {
	tags := map[string]string{"team": "search", "cost center": "42", "stage": "prod"}
	if n := testing.AllocsPerRun(100, func() { usage.TagText(tags) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkTagText(b *testing.B) {
	tags := map[string]string{"team": "search", "cost center": "42", "stage": "prod"}
	b.ReportAllocs()
	for b.Loop() {
		usage.TagText(tags)
	}
}

// A question comes from whoever may read usage.
func FuzzParseBy(f *testing.F) {
	for _, seed := range []string{"", "day,model", "tag:team , key", "hour,day", "tag:", "tag:tag:,", ",,"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		by, err := usage.ParseBy(text)
		if err == nil && by.Hour && by.Day {
			t.Errorf("%q groups by hour and by day", text)
		}
		if err != nil && by != (usage.By{}) {
			t.Errorf("%q is refused and yet %+v", text, by)
		}
	})
}
