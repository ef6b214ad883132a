package protocol

import "ipse.dev/ipse/lab/metric"

// Course is a figure that changes with time, for a plot.
type Course struct {
	Name  string // of the plot's file
	Title string
	Time  string // what the horizontal axis counts
	Label string // of the vertical axis, whose figures are rates, in percent
	Lines []CourseLine
}

// CourseLine is one line of it.
type CourseLine struct {
	Name   string
	Points []CoursePoint // in order of time
}

// CoursePoint is the figure at a time, with its interval.
type CoursePoint struct {
	At, Value float64
	CI95      metric.Interval
}
