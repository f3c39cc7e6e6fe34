package bedrock_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/adit-hq/adit/emulator"
	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/limit"
)

const cohere = "cohere.embed-english-v3"

func TestCohereTakesNinetySixTextsACallAndTitanOne(t *testing.T) {
	for id, want := range map[string]int{cohere: 3, titan: 200} {
		inVirtualTime(t, id, nil, roomy, func(b *bench) {
			texts := numbered(200)
			if _, err := b.embed(texts...); err != nil {
				t.Fatal(err)
			}
			if n := len(b.invokes()); n != want {
				t.Errorf("%s: %d calls for 200 texts, want %d", id, n, want)
			}
		})
	}
}

func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("text number %d of %d", i, n)
	}
	return out
}

// alone embeds each text in a call of its own, as the truth to compare with.
func alone(b *bench, texts []string) map[string]string {
	out := map[string]string{}
	for _, t := range texts {
		r, err := b.embed(t)
		if err != nil {
			b.t.Fatal(err)
		}
		out[t] = string(r.Vectors[0])
		r.Release()
	}
	return out
}

func TestNTextsGiveNVectorsInOrderUnderRandomFaults(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		id := rapid.SampledFrom([]string{titan, cohere}).Draw(rt, "model")
		n := rapid.IntRange(1, 250).Draw(rt, "texts")
		// Each once: after three times as many throttles the back-off would outlast the ten minutes.
		kinds := rapid.SliceOfNDistinct(rapid.SampledFrom([]emulator.FaultKind{emulator.FaultThrottle, emulator.FaultCut, emulator.FaultCutBody, emulator.FaultExpiredToken}), 0, 3, rapid.ID).Draw(rt, "faults")
		seed := rapid.Uint64().Draw(rt, "seed")
		concurrent := rapid.IntRange(1, 40).Draw(rt, "concurrent")
		inVirtualTime(t, id, map[string]string{}, limit.Limits{PerMinute: 5000, Concurrent: concurrent}, func(b *bench) {
			texts := numbered(n)
			want := alone(b, texts[:min(n, 5)])
			b.aws.ClearTrail()
			for _, k := range kinds {
				if err := b.aws.Inject(emulator.Fault{Kind: k, Probability: 0.1, Count: 6}); err != nil {
					b.t.Fatal(err)
				}
			}
			r, err := b.embed(texts...)
			if err != nil {
				if f := fault.From(err); f.AWS != nil && f.AWS.Code == "ExpiredTokenException" {
					return // twice in a row: rightly final
				}
				b.t.Fatal(err)
			}
			if len(r.Vectors) != n {
				b.t.Fatalf("%d vectors for %d texts", len(r.Vectors), n)
			}
			for i, v := range r.Vectors {
				if w, ok := want[texts[i]]; len(v) == 0 || ok && string(v) != w {
					b.t.Fatalf("vector %d is not that of text %d", i, i)
				}
			}
			for _, e := range b.invokes() {
				if e.InFlight > concurrent {
					b.t.Fatalf("%d calls at once, %d allowed", e.InFlight, concurrent)
				}
			}
		}, emulator.WithSeed(seed), emulator.WithLatency(10*time.Millisecond, 400*time.Millisecond))
	})
}

func TestTheGuiltyTextOfAPackIsFoundByHalving(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(rt, "texts")
		guilty := rapid.IntRange(0, n-1).Draw(rt, "guilty")
		inVirtualTime(t, cohere, nil, roomy, func(b *bench) {
			texts := numbered(n)
			texts[guilty] = strings.Repeat("! ", 600) // within 2,048 characters, over 512 tokens
			_, err := b.embed(texts...)
			var one *bedrock.TextError
			if !errors.As(err, &one) || one.Index != guilty {
				b.t.Fatalf("guilty is %d of %d, got %v", guilty, n, err)
			}
			if f := fault.From(err); f.Kind != fault.Invalid || f.Param != fmt.Sprintf("input[%d]", guilty) || f.AWS.RequestID == "" {
				b.t.Fatalf("%+v", f)
			}
			if calls := len(b.invokes()); calls > (n+95)/96+1+7 {
				b.t.Fatalf("%d calls to find one of %d", calls, n)
			}
		})
	})
}

func TestWhatTheSearchForTheGuiltyTextCostsIsCounted(t *testing.T) {
	for _, guilty := range []int{0, 37, 95} {
		inVirtualTime(t, cohere, nil, roomy, func(b *bench) {
			texts := numbered(96)
			texts[guilty] = strings.Repeat("! ", 600)
			r, err := b.embed(texts...)
			billed := 0
			for _, call := range b.invokes() {
				if call.ErrorCode == "" {
					billed += call.Tokens
				}
			}
			if fault.KindOf(err) != fault.Invalid || billed == 0 || r.Tokens != billed || r.Estimated != 0 {
				b.t.Errorf("AWS bills %d tokens of calls that found text %d; Adit counts %d and %d estimated, and says %v", billed, guilty, r.Tokens, r.Estimated, err)
			}
		})
	}
}

func TestWhereEveryTextIsRefusedNoneIsBlamed(t *testing.T) {
	for _, n := range []int{1, 96} {
		inVirtualTime(t, cohere, nil, roomy, func(b *bench) {
			_, err := b.embed(numbered(n)...)
			if f := fault.From(err); f.Kind != fault.Refused || f.Param != "" || !strings.Contains(f.Remedy, "model_family") {
				t.Errorf("%+v", f)
			}
			if n := len(b.invokes()); n != 2 {
				t.Errorf("%d calls, want the first and one probe", n)
			}
		}, emulator.WithFault(emulator.Fault{Kind: emulator.FaultStatus, Status: 400, Code: "ValidationException", Message: "something general"}))
	}
}

func TestABareIDThatNeedsAProfileSaysSo(t *testing.T) {
	inVirtualTime(t, "cohere.embed-v4:0", nil, roomy, func(b *bench) {
		_, err := b.embed("one", "two")
		if f := fault.From(err); f.Kind != fault.Refused || !strings.Contains(f.Remedy, "us.cohere.embed-v4:0") {
			t.Errorf("%v", err)
		}
		if n := len(b.invokes()); n != 1 {
			t.Errorf("%d calls, want 1", n)
		}
	})
}

func TestBothShapesOfCohereV4AreRead(t *testing.T) {
	for _, opts := range [][]emulator.Option{nil, {emulator.WithCohereV4Object()}} {
		inVirtualTime(t, "us.cohere.embed-v4:0", map[string]string{"dimensions": "256"}, roomy, func(b *bench) {
			r, err := b.embed("one", "two")
			if err != nil || len(r.Vectors) != 2 || r.Dimensions != 256 || r.Tokens == 0 {
				t.Errorf("%+v, %v", r, err)
			}
		}, opts...)
	}
}

func TestAPackThatIsTooLargeForOneCallIsCutByItsBytes(t *testing.T) {
	inVirtualTime(t, "us.cohere.embed-v4:0", nil, roomy, func(b *bench) {
		texts := numbered(96)
		for i := range texts {
			texts[i] += strings.Repeat(" x", 150_000) // 28.8 MB in all
		}
		r, err := b.embed(texts...)
		if f := fault.From(err); err != nil && f.Param == "input" {
			t.Errorf("%v", err)
		}
		if err == nil && len(r.Vectors) != 96 {
			t.Errorf("%d vectors", len(r.Vectors))
		}
		if n := b.target.Calls(texts); n != 2 {
			t.Errorf("%d calls, want 2", n)
		}
	})
}
