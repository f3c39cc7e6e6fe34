package studio

import (
	"encoding/csv"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/adit-hq/adit/internal/control/wire"
)

// usageCSV is the table of the page as a file (RFC 4180), finer than the page:
// what is told apart by environment, model, caller or tag is told apart by time as well.
func (s *studio) usageCSV(v *visit) (answer, error) {
	a, err := v.usageAsk()
	if err != nil {
		return nil, err
	}
	var group []string
	if a.Group != "" {
		group = []string{a.group()}
	}
	sums, _, err := v.usageOverTime(&a, group...)
	if err != nil {
		return nil, err
	}
	n := newNames(v)
	name := "adit-usage-" + a.From.Format(time.DateOnly) + "-to-" + a.To.Add(-time.Second).Format(time.DateOnly) + ".csv"
	return file{name: name, media: "text/csv; charset=utf-8", write: func(w io.Writer) error {
		return writeUsage(w, sums.Items, a, n)
	}}, nil
}

func writeUsage(w io.Writer, sums []wire.UsageSum, a usageAsk, n *names) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(usageColumns(a)); err != nil {
		return err
	}
	for _, s := range sums {
		if err := out.Write(usageCells(s, a, n)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func usageColumns(a usageAsk) []string {
	columns := []string{a.step() + "_utc"}
	switch a.Group {
	case "environment":
		columns = append(columns, "environment", "environment_id")
	case "model":
		columns = append(columns, "model")
	case "key":
		columns = append(columns, "caller", "caller_id")
	case "tag":
		columns = append(columns, harmlessCell("tag "+a.Tag))
	}
	return append(columns, "requests", "texts", "total_tokens", "estimated_tokens", "errors", "throttles", "over_budget", "total_cost_usd", "estimated_cost_usd", "unpriced_tokens")
}

func usageCells(s wire.UsageSum, a usageAsk, n *names) []string {
	at := s.Hour
	if at == nil {
		at = s.Day
	}
	cells := []string{""}
	if at != nil {
		cells[0] = at.UTC().Format(time.RFC3339)
	}
	switch a.Group {
	case "environment":
		cells = append(cells, harmlessCell(n.Of(s.Environment)), harmlessCell(s.Environment))
	case "model":
		cells = append(cells, harmlessCell(s.Model))
	case "key":
		cells = append(cells, harmlessCell(n.Of(s.Key)), harmlessCell(s.Key))
	case "tag":
		cells = append(cells, harmlessCell(s.Tag))
	}
	for _, count := range []int64{s.Counts.Requests, s.Counts.Texts, saturated(s.Counts.Tokens, s.Counts.Estimated), s.Counts.Estimated, s.Counts.Errors, s.Counts.Throttles, s.Counts.OverBudget} {
		cells = append(cells, strconv.FormatInt(count, 10))
	}
	return append(cells, decimalUSD(nanoCost(s.Counts)), harmlessCell(s.Counts.EstimatedCostUSD), strconv.FormatInt(s.Counts.Unpriced, 10))
}

// formulaStart is where a spreadsheet would find the beginning of a formula: in
// front of the text, or behind what may part cells and rows there.
var formulaStart = regexp.MustCompile(`(^|[;\t\r\n])([\pZ\v\f"]*[=+\-@＝＋－＠])`)

// harmlessCell keeps a spreadsheet from taking somebody's text for a formula: one
// that begins as formulas do gets a quote in front, as OWASP's page on CSV
// injection advises. The quotes around a cell do not help where cells are parted
// by semicolons, as they are wherever numbers have a decimal comma: there this
// cell is the midst of another one, and its semicolons, tabs and lines begin new ones.
func harmlessCell(s string) string {
	s = formulaStart.ReplaceAllString(strings.ReplaceAll(s, "\x00", ""), "$1'$2")
	if s != "" && strings.ContainsRune("\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}
