package cli

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/adit-hq/adit/internal/corpus"
	"github.com/adit-hq/adit/internal/fault"
)

func TestProgressSaysTheMostImportantFirst(t *testing.T) {
	for want, tt := range map[string]struct {
		done  corpus.Progress
		size  int64
		price float64
	}{
		"0 rows": {size: 1000},
		"20 %, 1 row, 1 failed, 3 tokens": {
			done: corpus.Progress{Rows: 1, Failed: 1, Bytes: 200, Tokens: 3, Elapsed: 900 * time.Millisecond}, size: 1000},
		"25 %, 1,920 rows, 192/s, 30s left, 120,000 tokens, about 0.012 USD": {
			done: corpus.Progress{Rows: 1920, Bytes: 250, Tokens: 120_000, Elapsed: 10 * time.Second}, size: 1000, price: 0.1},
		"1,920 rows, 192/s, waiting 42s": {
			done: corpus.Progress{Rows: 1920, Bytes: 250, Elapsed: 10 * time.Second, Waiting: 42 * time.Second}, size: -1},
	} {
		got := embedMeter{func() corpus.Progress { return tt.done }, tt.size, tt.price}.line()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAnAmountIsWrittenWithoutExponents(t *testing.T) {
	for want, amount := range map[string]float64{
		"0.00 USD": 0, "0.0000040 USD": 0.000004, "0.0062 USD": 0.0062275, "0.24 USD": 0.2449, "123.46 USD": 123.456,
	} {
		if got := usd(amount); got != want {
			t.Errorf("usd(%v) = %q, want %q", amount, got, want)
		}
	}
}

func TestALogInsideACommandReadsLikeSentences(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(warnings{to: &out}).With("model", "titan")
	log.Info("nobody needs this")
	log.Error("request", "path", "/v1/embeddings")
	log.Warn("AWS throttled a call", "rate", 120, "empty", "")
	log.Error("no valid AWS credentials", "sources", "1. environment: none.\n2. files: none.")
	want := `adit: AWS throttled a call (model: titan, rate: 120)
adit: no valid AWS credentials (model: titan)
  1. environment: none.
  2. files: none.
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestARefusalTellsWhichTextsAreAtFault(t *testing.T) {
	invalid := func(param, message string) error {
		return fault.New(fault.Invalid, "%s", message).WithParam(param)
	}
	for name, tt := range map[string]struct {
		err  error
		want error
	}{
		"one of several": {
			invalid("input[1]", "Cohere Embed v3 accepts texts of at most 2048 characters: input[1] has 2100, input[2] has 3000. Shorten them."),
			&corpus.TextError{Index: 1, Reason: "Cohere Embed v3 accepts texts of at most 2048 characters; this one has 2100"}},
		"by AWS":       {invalid("input[2]", "input[2]: Too many tokens."), &corpus.TextError{Index: 2, Reason: "Too many tokens."}},
		"nobody knows": {invalid("input", "one of them"), &corpus.SplitError{Reason: "one of them"}},
		"too large":    {fault.New(fault.TooLarge, "the body is too large"), &corpus.SplitError{Reason: "the body is too large"}},
		"none":         {invalid("truncate", "truncate cannot be x"), nil},
		"beyond":       {invalid("input[3]", "there is no such text"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			want := tt.want
			if want == nil {
				want = tt.err // the job ends with it
			}
			if got := refusalOf(tt.err, 3); got.Error() != want.Error() {
				t.Errorf("got  %v\nwant %v", got, want)
			}
		})
	}
}
