package credential

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Verdict says what came of a source.
type Verdict string

// The verdicts.
const (
	// VerdictWon is the source whose credentials are used.
	VerdictWon Verdict = "won"
	// VerdictLater is a source that is valid too, but comes after the winner.
	VerdictLater Verdict = "valid-but-later"
	// VerdictNothing is a source that nobody set up.
	VerdictNothing Verdict = "nothing"
	// VerdictInvalid is a source that is set up and does not give valid credentials.
	VerdictInvalid Verdict = "invalid"
	// VerdictSkipped is a source that the settings leave out.
	VerdictSkipped Verdict = "skipped"
)

// Report is a walk over all sources for a person to read, and as JSON for programs. It holds no secret.
type Report struct {
	// Region is the region that calls go to.
	Region string `json:"region"`
	// Sources are all sources in the order in which they are tried.
	Sources []Outcome `json:"sources"`
	// Winner tells of the credentials that are used; nil when no source gave any.
	Winner *Winner `json:"winner,omitempty"`
	// Warnings are sentences about settings that are probably not meant so.
	Warnings []string `json:"warnings,omitempty"`
}

// Outcome is what came of one source.
type Outcome struct {
	Source  string  `json:"source"`
	Title   string  `json:"title"`
	Verdict Verdict `json:"verdict"`
	// Reason says why, or for a valid source how it came by its credentials.
	Reason string `json:"reason,omitempty"`
	// Remedy says what to do; empty where there is nothing to mend.
	Remedy string `json:"remedy,omitempty"`
}

// Winner describes credentials without their secrets.
type Winner struct {
	Source string `json:"source"`
	// AccessKeyID shows only both ends of the key's id.
	AccessKeyID string `json:"access_key_id"`
	Identity    string `json:"identity"`
	// Account and ARN are empty when STS could not tell.
	Account string `json:"account,omitempty"`
	ARN     string `json:"arn,omitempty"`
	// Expires is nil for credentials without an end.
	Expires *time.Time `json:"expires,omitempty"`
}

// Walk tries every source now, those after the winner too, and reports on
// each. It changes nothing in the chain.
func (c *Chain) Walk(ctx context.Context) Report {
	results := make([]valid, len(c.sources))
	errs := make([]error, len(c.sources))
	var wg sync.WaitGroup
	for i, s := range c.sources {
		wg.Go(func() { results[i], errs[i] = trial{judge: c.judge, budget: c.budget, always: true}.try(ctx, s) })
	}
	wg.Wait()
	report := Report{Region: cmp.Or(c.settings.Region, DefaultRegion)}
	for i, s := range c.sources {
		if errs[i] != nil {
			report.Sources = append(report.Sources, missed(s, errs[i]))
			continue
		}
		out := Outcome{Source: s.name(), Title: title(s.name()), Verdict: VerdictLater, Reason: results[i].how}
		if results[i].doubt != "" {
			out.Reason += "; " + results[i].doubt
		}
		if report.Winner == nil {
			out.Verdict, report.Winner = VerdictWon, winnerOf(results[i])
		}
		report.Sources = append(report.Sources, out)
	}
	report.Sources = append(report.Sources, c.skipped...)
	slices.SortStableFunc(report.Sources, func(a, b Outcome) int { return rank(a.Source) - rank(b.Source) })
	report.Warnings = c.warnings(ctx)
	return report
}

func winnerOf(v valid) *Winner {
	w := &Winner{Source: v.Source, AccessKeyID: tail(v.AccessKeyID), Identity: v.Identity, Account: v.Account, ARN: v.arn}
	if v.static {
		w.Identity = "key:" + tail(v.AccessKeyID)
	}
	if !v.Expires.IsZero() {
		w.Expires = &v.Expires
	}
	return w
}

// warnings names settings around Adit that do not do what they seem to.
func (c *Chain) warnings(ctx context.Context) []string {
	if c.outside == nil {
		return nil
	}
	var all []string
	env, region := c.outside.env, c.outside.region
	for _, variable := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		if other := env.get(variable); other != "" && other != region {
			all = append(all, fmt.Sprintf("%s is %s, but this model uses %s: aws_region decides (default %s)", variable, other, region, DefaultRegion))
		}
	}
	for _, s := range c.sources {
		if profile, ok := s.(profileSource); ok {
			all = append(all, profile.warnings(ctx)...)
		}
	}
	if env.get("AWS_BEARER_TOKEN_BEDROCK") != "" {
		all = append(all, "AWS_BEARER_TOKEN_BEDROCK is set; Adit ignores it and signs with the credentials above")
	}
	return all
}

// warnings names a profile's other region, and sections that AWS tools ignore.
func (p profileSource) warnings(ctx context.Context) []string {
	var all []string
	files := readShared(p.env)
	if shared, err := files.load(ctx, p.profile()); err == nil && shared.Region != "" && shared.Region != p.region {
		all = append(all, fmt.Sprintf("profile %s says region %s, but this model uses %s: aws_region decides (default %s)", p.profile(), shared.Region, p.region, DefaultRegion))
	}
	for _, sec := range files.misplaced() {
		all = append(all, fmt.Sprintf("%s line %d has [%s], which AWS tools ignore in the credentials file: move it to %s", files.credentials.path, sec.line, sec.head, cmp.Or(files.config.path, "the config file")))
	}
	return all
}
