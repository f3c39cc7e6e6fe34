package usage

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/adit-hq/adit/internal/fault"
)

// By says what a report is grouped by. The zero value groups everything into one.
type By struct {
	// Hour and Day group by time; of both, Hour counts. Days are UTC's.
	Hour, Day                             bool
	Organization, Environment, Model, Key bool
	// Tag is the name of a tag by whose value the sums are told apart; "" for none.
	// Each sum's Tags hold that tag alone, as [TagText] writes it, or are "" for
	// who does not have the tag, or no value of it; [TagValue] reads them.
	Tag string
}

// ParseBy reads names such as "day,model,tag:team": hour or day, organization,
// environment, model, key, and one tag, parted by commas. None is the zero By.
func ParseBy(text string) (By, error) {
	var by By
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		if err := by.tell(word); err != nil {
			return By{}, err
		}
	}
	if by.Hour && by.Day {
		return By{}, badBy("usage is grouped by hour or by day, not by both").WithRemedy("Leave one of them out.")
	}
	return by, nil
}

// tell has the sums told apart by one thing more.
func (by *By) tell(word string) error {
	if name, ok := strings.CutPrefix(word, "tag:"); ok {
		switch {
		case name == "" || len(name) > maxTagName || !utf8.ValidString(name):
			return badBy("usage cannot be grouped by a tag of that name").WithRemedy("Write tag: and a tag's name, such as tag:team.")
		case by.Tag != "" && by.Tag != name:
			return badBy("usage is grouped by one tag, not by several").WithRemedy("Ask for each of the tags by itself.")
		}
		by.Tag = name
		return nil
	}
	field := map[string]*bool{
		"hour": &by.Hour, "day": &by.Day, "organization": &by.Organization, "environment": &by.Environment, "model": &by.Model, "key": &by.Key,
	}[word]
	if field == nil {
		return badBy("usage cannot be grouped by %.40q", word).
			WithRemedy("Group by hour or day, organization, environment, model, key and tag:NAME, parted by commas.")
	}
	*field = true
	return nil
}

// maxTagName is the longest name of a tag in bytes: AWS takes 128 characters.
const maxTagName = 512

func badBy(format string, args ...any) *fault.Error {
	return fault.New(fault.Invalid, format, args...).WithParam("query.by").WithCode("invalid_input")
}

// Rollup adds the records up by what is asked for, in order of time,
// organization, environment, model, key and tag. What they are not grouped by
// is zero in the answer; Hour is the beginning of the hour or day.
func Rollup(records []Record, by By) []Record {
	sums := map[name]Counts{}
	only := onlyTag{name: by.Tag}
	for _, r := range records {
		n := by.name(r)
		n.tags = only.of(r.Tags)
		sum := sums[n]
		sum.add(r.Counts)
		sums[n] = sum
	}
	names := make([]name, 0, len(sums))
	for n := range sums {
		names = append(names, n)
	}
	slices.SortFunc(names, name.compare)
	out := make([]Record, len(names))
	for i, n := range names {
		out[i] = n.record(sums[n])
		if !by.Hour && !by.Day {
			out[i].Hour = time.Time{}
		}
	}
	return out
}

// Total adds all records up.
func Total(records []Record) Counts {
	var sum Counts
	for _, r := range records {
		sum.add(r.Counts)
	}
	return sum
}

func (by By) name(r Record) name {
	var n name
	switch {
	case by.Hour:
		n.hour = r.Hour.Unix()
	case by.Day:
		n.hour = r.Hour.UTC().Truncate(24 * time.Hour).Unix()
	}
	if by.Organization {
		n.organization = r.Organization
	}
	if by.Environment {
		n.environment = r.Environment
	}
	if by.Model {
		n.model = r.Model
	}
	if by.Key {
		n.key = r.Key
	}
	return n
}

func (c *Counts) add(d Counts) {
	c.Requests += d.Requests
	c.Texts += d.Texts
	c.Tokens += d.Tokens
	c.Estimated += d.Estimated
	c.Errors += d.Errors
	c.Throttles += d.Throttles
	c.OverBudget += d.OverBudget
	c.Cost += d.Cost
	c.EstimatedCost += d.EstimatedCost
	c.Unpriced += d.Unpriced
}
