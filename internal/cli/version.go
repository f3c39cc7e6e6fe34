package cli

import (
	"fmt"
	"runtime"
)

type versionCmd struct {
	listing
}

// Help is the text under the usage line.
func (versionCmd) Help() string {
	return `Example:

    adit version --output json`
}

// versionRow is what `adit version --output json` prints.
type versionRow struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// Run prints the version of Adit, of Go, and the platform.
func (c *versionCmd) Run(p *Process) error {
	row := versionRow{p.version(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}
	if c.json() {
		return printJSON(p.Stdout, row)
	}
	_, err := fmt.Fprintf(p.Stdout, "adit %s, %s, %s\n", row.Version, row.Go, row.Platform)
	return err
}
