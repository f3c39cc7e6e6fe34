package cli

import (
	"cmp"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/adit-hq/adit/internal/spicepod"
)

// load reads the file at path, or standard input where path is "-". With json
// its faults are printed as JSON, and the error is silent.
func (p *Process) load(path string, json bool) (*spicepod.File, error) {
	file, err := p.parse(path)
	var faults *spicepod.Faults
	if err == nil || !json || !errors.As(err, &faults) {
		return file, err
	}
	answer := struct {
		File   string           `json:"file"`
		Valid  bool             `json:"valid"`
		Faults []spicepod.Fault `json:"faults"`
	}{faults.File, false, faults.Items}
	if err := printJSON(p.Stdout, answer); err != nil {
		return nil, err
	}
	return nil, exitWith(exitFaulty, "")
}

func (p *Process) parse(path string) (*spicepod.File, error) {
	if path != "-" {
		return spicepod.Load(path, p.Environ)
	}
	data, err := io.ReadAll(io.LimitReader(p.Stdin, spicepod.MaxBytes+1))
	if err != nil {
		return nil, exitWith(exitFaulty, "standard input cannot be read: %v", err)
	}
	return spicepod.Parse("<stdin>", data, ".", p.Environ)
}

// modelRow is a model of a file as programs read it. It holds no secret.
type modelRow struct {
	Name   string `json:"name"`
	ID     string `json:"id"`
	Family string `json:"family"`
	Region string `json:"region,omitempty"`
	// Environment is whose region and role it uses, where it names one.
	Environment string            `json:"environment,omitempty"`
	Dimensions  int               `json:"dimensions"`
	Params      map[string]string `json:"params"`
	PerMinute   int               `json:"requests_per_min_limit"`
	Concurrent  int               `json:"max_concurrent_invocations"`
	Line        int               `json:"line"`
}

func modelRows(models []spicepod.Model) []modelRow {
	rows := make([]modelRow, len(models))
	for i, m := range models {
		rows[i] = modelRow{
			Name: m.Name, ID: m.ID.String(), Family: m.Family.Name, Region: m.AWS.Region,
			Dimensions: m.Family.Dimension(m.Params), Params: m.Params,
			PerMinute: m.AWS.PerMinute, Concurrent: m.AWS.MaxConcurrent, Line: m.Line,
		}
		if m.AWS.Environment != "" {
			rows[i].Region, rows[i].Environment = "", m.AWS.Environment
		}
	}
	return rows
}

// printModels prints the models of a file as a table.
func (p *Process) printModels(models []spicepod.Model) error {
	if len(models) == 0 {
		return nil
	}
	var cells [][]string
	for _, m := range modelRows(models) {
		cells = append(cells, []string{
			m.Name, m.ID, m.Family, cmp.Or(m.Region, "of "+m.Environment), strconv.Itoa(m.Dimensions),
			strconv.Itoa(m.PerMinute), strconv.Itoa(m.Concurrent), settingsOf(m.Params),
		})
	}
	return p.printTable(p.Stdout, []string{"NAME", "ID", "FAMILY", "REGION", "DIMENSIONS", "CALLS/MIN", "CONCURRENT", "PARAMETERS"}, cells)
}

// settingsOf writes parameters as "a=1 b=2", without the dimensions: they have a column.
func settingsOf(params map[string]string) string {
	var parts []string
	for _, name := range sortedKeys(params) {
		if name != "dimensions" {
			parts = append(parts, name+"="+params[name])
		}
	}
	return strings.Join(parts, " ")
}
