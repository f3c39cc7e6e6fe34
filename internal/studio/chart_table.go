package studio

// drawTable writes the numbers of a chart, closed until somebody opens it. Bars
// without any value are left out.
func (c barChart) drawTable(d *drawing) {
	d.begin("details", "class", "chart-table")
	d.put("summary", "Show as table")
	d.begin("div", "class", "chart-scroll", "tabindex", "0", "role", "region", "aria-label", c.Title+", as a table")
	d.begin("table")
	d.begin("thead")
	d.begin("tr")
	d.put("th", "Time (UTC)", "scope", "col")
	for _, s := range c.Series {
		d.put("th", s.Name, "scope", "col", "class", "num")
	}
	d.end()
	d.end()
	d.begin("tbody")
	for _, b := range c.Bars {
		if b.total() == 0 {
			continue
		}
		d.begin("tr")
		d.put("th", b.Full, "scope", "row")
		for i := range c.Series {
			value := int64(0)
			if i < len(b.Values) {
				value = max(b.Values[i], 0)
			}
			d.put("td", c.Exact(value), "class", "num")
		}
		d.end()
	}
	d.end()
	d.end()
	d.end()
	d.end()
}
