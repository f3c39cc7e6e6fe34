package studio

func (s *studio) linkRoutes() []route { return nil }
