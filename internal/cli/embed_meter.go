package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/corpus"
)

// embedMeter puts a job's progress into words.
type embedMeter struct {
	progress func() corpus.Progress
	size     int64   // of the input in bytes, -1 unknown
	price    float64 // USD per million tokens, 0 unknown
}

// line is one line of progress, the most important first: a narrow terminal
// cuts its end off. "43 %, 1,920 rows, 310/s, 1m20s left, 120,000 tokens, about 0.0024 USD".
func (m embedMeter) line() string {
	done := m.progress()
	parts := []string{counted(done.Rows, "row")}
	sized := m.size > 0 && done.Bytes > 0
	if sized {
		parts = []string{fmt.Sprintf("%d %%", 100*done.Bytes/m.size), parts[0]}
	}
	if done.Failed > 0 {
		parts = append(parts, grouped(done.Failed)+" failed")
	}
	if done.Elapsed >= time.Second && done.Rows > 0 {
		parts = append(parts, rate(done.Rows, done.Elapsed)+"/s")
		if left := float64(done.Elapsed) * float64(m.size-done.Bytes) / float64(max(done.Bytes, 1)); sized {
			parts = append(parts, time.Duration(left).Round(time.Second).String()+" left")
		}
	}
	if done.Waiting > time.Second {
		parts = append(parts, "waiting "+done.Waiting.Round(time.Second).String())
	}
	if done.Tokens > 0 {
		parts = append(parts, counted(done.Tokens, "token")+m.cost(done.Tokens))
	}
	return strings.Join(parts, ", ")
}

// cost is what the tokens come to. The server does not tell which of them it
// estimated, and AWS's bill decides.
func (m embedMeter) cost(tokens int64) string {
	if m.price == 0 {
		return ""
	}
	return ", about " + usd(float64(tokens)*m.price/1e6)
}

// usd writes an amount with two digits that mean something, and cents above one.
func usd(amount float64) string {
	digits := 2
	if amount > 0 && amount < 1 {
		digits = int(-math.Floor(math.Log10(amount))) + 1
	}
	return strconv.FormatFloat(amount, 'f', digits, 64) + " USD"
}

func (m embedMeter) summary(out string) string {
	done := m.progress()
	text := fmt.Sprintf("%s embedded in %s (%s rows/s), %s%s", counted(done.Rows-done.Failed, "row"), short(done.Elapsed),
		rate(done.Rows-done.Failed, done.Elapsed), counted(done.Tokens, "token"), m.cost(done.Tokens))
	if out != corpus.Stdin {
		text += "; vectors in " + out
	}
	return text
}

func rate(rows int64, in time.Duration) string {
	return grouped(int64(float64(rows) / max(in.Seconds(), 1e-3)))
}

// short rounds a duration to what people read.
func short(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
