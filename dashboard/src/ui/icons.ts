// The icons in use, one by one, so that no other comes along.
export {
  Activity, AppWindow, ArrowDown, ArrowLeft, ArrowRight, ArrowUp, Box, Building2, Check, ChevronDown, ChevronRight,
  ChevronsUpDown, Circle, CircleAlert, CircleCheck, CircleX, Clock, Copy, Cpu, Download, Ellipsis, ExternalLink, Eye, EyeOff,
  FileCode, FileKey, Gauge, Globe, GripVertical, House, Info, KeyRound, Keyboard, ListFilter, LogOut, Menu as MenuIcon, Monitor, Moon, Pause, Pencil,
  Play, Plus, RefreshCw, RotateCw, ScanSearch, ScrollText, Search, Server, Settings, ShieldAlert, ShieldCheck, ShieldX, Smartphone, Sun,
  Terminal, Trash2, TriangleAlert, Unplug, Users, Workflow, X,
} from 'lucide-react';
export type { LucideIcon } from 'lucide-react';
