package cli

import (
	"fmt"

	"github.com/adit-hq/adit/internal/spicepod"
)

type validateCmd struct {
	File string `arg:"" optional:"" help:"File to validate; - for standard input (default: $$ADIT_CONFIG, else spicepod.yaml)."`
	listing
}

// Help is the text under the usage line.
func (validateCmd) Help() string {
	return `Checks syntax, every parameter, and that each secret that the file refers to exists, without using the network. Reports all errors at once, with line and column. Exit codes: 0 valid, 3 invalid.

Example:

    adit validate spicepod.yaml`
}

// Run checks the file and tells what Adit makes of it.
func (c *validateCmd) Run(p *Process) error {
	file, err := p.load(p.configPath(c.File), c.json())
	if err != nil {
		return err
	}
	if c.json() {
		return printJSON(p.Stdout, struct {
			File    string             `json:"file"`
			Valid   bool               `json:"valid"`
			Models  []modelRow         `json:"models"`
			Ignored []spicepod.Ignored `json:"ignored"`
		}{file.Path, true, modelRows(file.Models), append([]spicepod.Ignored{}, file.Ignored...)})
	}
	fmt.Fprintf(p.Stdout, "%s is valid and has %s for Adit.\n", file.Path, counted(int64(len(file.Models)), "model"))
	if err := p.printModels(file.Models); err != nil {
		return err
	}
	for _, i := range file.Ignored {
		fmt.Fprintln(p.Stdout, i)
	}
	return nil
}
