package vector_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/vector"
)

// cohereBody is the array of 96 vectors of 1024 numbers as Cohere v3 sends it:
// the shortest digits of a float32, small ones with Java's exponents.
func cohereBody() []byte {
	random := rand.New(rand.NewPCG(5, 6))
	body := []byte{'['}
	for i := range 96 {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, '[')
		for j := range 1024 {
			if j > 0 {
				body = append(body, ',')
			}
			f := float32(random.NormFloat64() / 32)
			format := byte('f')
			if f < 1e-3 && f > -1e-3 {
				format = 'E'
			}
			digits := strconv.FormatFloat(float64(f), format, -1, 32)
			body = append(body, strings.Replace(digits, "E-0", "E-", 1)...)
		}
		body = append(body, ']')
	}
	return append(body, ']')
}

// scanAll scans the vectors of a body and hands each to use.
func scanAll(tb testing.TB, body []byte, use func(vector.Text, int)) {
	rest := body[1:]
	for len(rest) > 1 {
		text, n, after, err := vector.Scan(rest)
		if err != nil {
			tb.Fatal(err)
		}
		use(text, n)
		rest = after[1:]
	}
}

func base64All(tb testing.TB, body, dst []byte) []byte {
	dst = dst[:0]
	scanAll(tb, body, func(text vector.Text, n int) {
		var err error
		if dst, err = text.AppendBase64(dst, n); err != nil {
			tb.Fatal(err)
		}
	})
	return dst
}

func decodeAll(tb testing.TB, body []byte) {
	var vectors [][]float32
	if err := json.Unmarshal(body, &vectors); err != nil {
		tb.Fatal(err)
	}
}

func BenchmarkScanOf96x1024(b *testing.B) {
	body := cohereBody()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		scanAll(b, body, func(vector.Text, int) {})
	}
}

// The work of a base64 answer: scan the body and write it as base64.
func BenchmarkBase64Of96x1024(b *testing.B) {
	body := cohereBody()
	var dst []byte
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		dst = base64All(b, body, dst)
	}
	b.StopTimer()

	// The fastest of some runs each: what else the machine does only slows them.
	ours, theirs := time.Hour, time.Hour
	for range 7 {
		ours = min(ours, elapsed(func() { dst = base64All(b, body, dst) }))
		theirs = min(theirs, elapsed(func() { decodeAll(b, body) }))
	}
	b.ReportMetric(float64(theirs)/float64(ours), "x-encoding/json")
}

func elapsed(work func()) time.Duration {
	started := time.Now()
	work()
	return time.Since(started)
}

func BenchmarkEncodingJSONOf96x1024(b *testing.B) {
	body := cohereBody()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		decodeAll(b, body)
	}
}

// What a forwarder pays at the very least: one copy of the body.
func BenchmarkCopyOf96x1024(b *testing.B) {
	body := cohereBody()
	dst := make([]byte, len(body))
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		copy(dst, body)
	}
}

func TestABodyOf96VectorsNeedsNoMemoryBesideItsBase64(t *testing.T) {
	body := cohereBody()
	dst := base64All(t, body, nil)
	if allocated := testing.AllocsPerRun(3, func() { dst = base64All(t, body, dst) }); allocated > 0 {
		t.Errorf("%v allocations", allocated)
	}
	if bytes.Count(dst, []byte("=")) > 2*96 {
		t.Error("padding inside of vectors")
	}
}
