package cli

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/adit-hq/adit/internal/model"
	"github.com/adit-hq/adit/internal/spicepod"
)

type modelsCmd struct {
	Config    string `short:"c" placeholder:"FILE" help:"List the models of this spicepod.yaml instead."`
	IAMPolicy bool   `name:"iam-policy" help:"Print the least-privilege IAM policy for the file's models."`
	Account   string `placeholder:"ID" help:"AWS account id to use in the policy (default: *, any account)."`
	listing
}

// Help is the text under the usage line.
func (modelsCmd) Help() string {
	return `Lists every embedding model that Adit supports: family, vector dimensions (default first), texts per call, maximum text length in characters and in tokens, and US dollars per million tokens in us-east-1 in September 2026. With --config it lists the models of a file instead, by the names that callers use.

--iam-policy without --config reads $ADIT_CONFIG, else spicepod.yaml.

Examples:

    adit models
    adit models --config spicepod.yaml
    adit models --iam-policy > policy.json`
}

// Run lists the catalogue or a file's models, or prints their policy.
func (c *modelsCmd) Run(p *Process) error {
	switch {
	case c.IAMPolicy:
		return c.printPolicy(p)
	case c.Account != "":
		return wrongUsage("--account requires --iam-policy")
	case c.Config != "":
		return c.listFile(p)
	}
	return c.listCatalogue(p)
}

func (c *modelsCmd) printPolicy(p *Process) error {
	if c.Account != "" && (len(c.Account) != 12 || strings.Trim(c.Account, "0123456789") != "") {
		return wrongUsage("--account %s is not an AWS account id, which has 12 digits", c.Account)
	}
	file, err := spicepod.Outline(p.configPath(c.Config), p.Environ) // a policy comes before the keys
	if err != nil {
		return err
	}
	if len(file.Models) == 0 {
		return exitWith(exitFaulty, "%s has no Bedrock models, so no policy is needed", file.Path)
	}
	uses := make([]model.Use, len(file.Models))
	for i, m := range file.Models {
		uses[i] = model.Use{ID: m.ID, Region: m.AWS.Region, Family: m.Family}
	}
	policy, err := model.Policy(uses, c.Account)
	if err != nil {
		return err
	}
	_, err = p.Stdout.Write(append(policy, '\n'))
	return err
}

func (c *modelsCmd) listFile(p *Process) error {
	file, err := p.load(c.Config, c.json())
	if err != nil {
		return err
	}
	if c.json() {
		return printJSON(p.Stdout, modelRows(file.Models))
	}
	return p.printModels(file.Models)
}

// catalogueRow is a model of the catalogue as programs read it.
type catalogueRow struct {
	ID           string `json:"id"`
	Family       string `json:"family"`
	Title        string `json:"title"`
	Dimensions   []int  `json:"dimensions"`
	TextsPerCall int    `json:"texts_per_call"`
	// MaxChars is left out where only tokens are limited.
	MaxChars  int      `json:"max_characters,omitempty"`
	MaxTokens int      `json:"max_tokens"`
	Params    []string `json:"params"`
	// ProfileOnly models are called through an inference profile, such as us.ID.
	ProfileOnly bool    `json:"profile_only"`
	USD         float64 `json:"usd_per_million_tokens"`
}

func (c *modelsCmd) listCatalogue(p *Process) error {
	var rows []catalogueRow
	for _, f := range model.Families() {
		params := []string{}
		for _, param := range f.Params {
			params = append(params, param.Name)
		}
		for _, id := range f.IDs {
			rows = append(rows, catalogueRow{
				ID: id, Family: f.Name, Title: f.Title, Dimensions: f.Dimensions, TextsPerCall: f.TextsPerCall,
				MaxChars: f.MaxChars, MaxTokens: f.MaxTokens, Params: params, ProfileOnly: f.ProfileOnly, USD: f.USDPerMillionTokens,
			})
		}
	}
	if c.json() {
		return printJSON(p.Stdout, rows)
	}
	var cells [][]string
	for _, r := range rows {
		chars := "-"
		if r.MaxChars > 0 {
			chars = strconv.Itoa(r.MaxChars)
		}
		id := r.ID
		if r.ProfileOnly {
			id = "us." + id
		}
		cells = append(cells, []string{
			id, r.Family, joined(r.Dimensions), strconv.Itoa(r.TextsPerCall), chars, strconv.Itoa(r.MaxTokens), fmt.Sprintf("%.3g", r.USD),
		})
	}
	return p.printTable(p.Stdout, []string{"ID", "FAMILY", "DIMENSIONS", "TEXTS/CALL", "CHARS", "TOKENS", "USD/M"}, cells)
}

func joined(numbers []int) string {
	var parts []string
	for _, n := range numbers {
		parts = append(parts, strconv.Itoa(n))
	}
	return strings.Join(parts, ",")
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
