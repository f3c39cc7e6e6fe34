package studio

func (s *studio) organizationsRoutes() []route { return nil }
