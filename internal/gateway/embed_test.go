package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/caller"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/gateway"
	"github.com/adit-hq/adit/internal/limit"
)

func TestEqualTextsAreEmbeddedOnceAndAnsweredEachTime(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		texts := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}), 1, 40).Draw(rt, "texts")
		inVirtualTime(t, func(r *rig) {
			r.set(r.model("titan", titan, documented, nil))
			resp, err := r.ask("titan", texts...)
			if err != nil {
				r.t.Fatal(err)
			}
			different := map[string]string{}
			for i, text := range texts {
				if had, ok := different[text]; ok && had != string(resp.Vectors[i]) {
					r.t.Fatalf("text %d got another vector than its twin", i)
				}
				different[text] = string(resp.Vectors[i])
			}
			if n := len(r.calls()); n != len(different) {
				r.t.Fatalf("%d calls for %d different texts", n, len(different))
			}
		})
	})
}

func TestTheGuiltyIndexIsTheCallersEvenAmongTwins(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.set(r.model("cohere", cohere, documented, nil))
		_, err := r.ask("cohere", "a", "a", "b", "a", strings.Repeat("! ", 600), "b")
		var one *bedrock.TextError
		if f := fault.From(err); !errors.As(err, &one) || one.Index != 4 || f.Param != "input[4]" || !strings.HasPrefix(f.Message, "input[4]:") {
			t.Errorf("%v", err)
		}
	})
}

func TestAnUnknownModelIsAnsweredWithTheNamesThereAre(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.set(r.model("titan", titan, documented, nil), r.model("cohere", cohere, documented, nil))
		_, err := r.ask("titian", "a")
		if f := fault.From(err); f.Kind != fault.NotFound || f.Remedy != "Models: cohere, titan." {
			t.Errorf("%v", err)
		}
	})
}

func TestTextsThatAreTooLongAreAllNamedAndNothingIsSent(t *testing.T) {
	long := strings.Repeat("x", 2049)
	inVirtualTime(t, func(r *rig) {
		r.set(r.model("cohere", cohere, documented, nil))
		_, err := r.ask("cohere", "a", long, "b", long+"y")
		f := fault.From(err)
		if f.Kind != fault.Invalid || f.Param != "input[1]" || !strings.Contains(f.Message, "2048") ||
			!strings.Contains(f.Message, "input[1] has 2049") || !strings.Contains(f.Message, "input[3] has 2050") {
			t.Errorf("%v", err)
		}
		if n := len(r.calls()); n != 0 {
			t.Errorf("%d calls", n)
		}
	})
}

func TestARequestMayChooseWhatItsFamilyOffers(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.set(r.model("titan", titan, documented, map[string]string{"dimensions": "512"}), r.model("cohere", cohere, documented, nil),
			r.model("v1", "amazon.titan-embed-text-v1", documented, nil))
		for _, c := range []struct {
			model  string
			params map[string]string
			want   int // 0: a fault
		}{
			{"titan", nil, 512}, {"titan", map[string]string{"dimensions": "256"}, 256}, {"titan", map[string]string{"dimensions": "300"}, 0},
			{"cohere", map[string]string{"dimensions": "1024"}, 1024}, {"cohere", map[string]string{"dimensions": "512"}, 0},
			{"v1", map[string]string{"dimensions": "1536"}, 1536}, {"v1", map[string]string{"dimensions": "1024"}, 0},
			{"cohere", map[string]string{"input_type": "clustering"}, 1024}, {"cohere", map[string]string{"input_type": "x"}, 0}, {"titan", map[string]string{"input_type": "clustering"}, 0},
		} {
			ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
			resp, err := r.Embed(ctx, caller.Local(), gateway.Request{Model: c.model, Texts: []string{"a"}, Params: c.params})
			cancel()
			switch {
			case c.want == 0 && fault.KindOf(err) != fault.Invalid:
				t.Errorf("%s %v: %v, want an Invalid fault", c.model, c.params, err)
			case c.want > 0 && (err != nil || resp.Dimensions != c.want):
				t.Errorf("%s %v: %v, want %d dimensions", c.model, c.params, err, c.want)
			}
		}
	})
}

func TestWhatCannotFitBeforeTheDeadlineIsRefusedAndNothingIsSent(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.set(r.model("titan", titan, limit.Limits{PerMinute: 60, Concurrent: 40}, nil))
		_, err := r.ask("titan", numbered(5000)...)
		if f := fault.From(err); f.Kind != fault.Invalid || !strings.Contains(f.Message, "requests_per_min_limit") {
			t.Errorf("never fits: %v", err)
		}
		ctx, cancel := context.WithTimeout(r.t.Context(), 30*time.Second)
		defer cancel()
		if _, err := r.ask("titan", numbered(60)...); err != nil {
			t.Fatal(err)
		}
		_, err = r.Embed(ctx, caller.Local(), gateway.Request{Model: "titan", Texts: []string{"one more"}})
		if f := fault.From(err); f.Kind != fault.Throttled || f.RetryAfter < time.Second || f.RetryAfter > time.Minute {
			t.Errorf("does not fit now: %v, retry after %v", err, fault.From(err).RetryAfter)
		}
		if n := len(r.calls()); n != 60 {
			t.Errorf("%d calls; what was refused must not be sent", n)
		}
	})
}

func TestReadinessNamesWhatIsNotReadyAndWhy(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.set(r.model("titan", titan, documented, nil), r.model("cohere", cohere, documented, nil))
		if _, err := r.ask("cohere", "a"); err == nil {
			t.Fatal("the fault did not happen")
		}
		got := fmt.Sprint(r.Ready(r.t.Context(), caller.Local()))
		if !strings.Contains(got, "{titan }") || !strings.Contains(got, "AccessDeniedException") {
			t.Errorf("%s", got)
		}
		r.aws.ClearFaults()
		if _, err := r.ask("cohere", "a"); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(r.Ready(r.t.Context(), caller.Local())); got != "[{cohere } {titan }]" {
			t.Errorf("after a success: %s", got)
		}
	}, emulator.WithFault(emulator.Fault{Kind: emulator.FaultStatus, Status: 403, Code: "AccessDeniedException", Model: "cohere.*"}))
}
