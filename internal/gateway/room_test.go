package gateway_test

import (
	"testing"

	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/limit"
)

func TestOneRequestCannotFillTheMemory(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		wide := limit.Limits{PerMinute: 1_000_000, Concurrent: 40}
		r.set(r.model("cohere", cohere, wide, nil))
		const most = 1 << 30 / (1024 * 13)
		_, err := r.ask("cohere", numbered(most+1)...)
		f := fault.From(err)
		if f == nil || f.Kind != fault.Invalid || f.Code != "too_many_texts" || f.Param != "input" ||
			f.Message != "at most 80659 texts of this model fit in one request, and this one has 80660" {
			t.Errorf("%v", err)
		}
		if n := len(r.calls()); n != 0 {
			t.Errorf("%d calls for a request that is refused", n)
		}
		same := make([]string, most+1)
		for i := range same {
			same[i] = "a"
		}
		if _, err := r.ask("cohere", same...); fault.KindOf(err) != fault.Invalid {
			t.Errorf("one text many times makes as large an answer: %v", err)
		}
	})
}
