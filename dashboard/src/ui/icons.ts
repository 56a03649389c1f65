// The icons in use, one by one, so that no other comes along.
export {
  Activity, AppWindow, BadgeCheck, ArrowDown, ArrowLeft, ArrowRight, ArrowUp, Box, Building2, Check, ChevronDown, ChevronRight,
  ChevronsUpDown, Circle, CircleAlert, CircleCheck, CircleX, Clock, Copy, Cpu, Database, Download, Ellipsis, ExternalLink, Eye, EyeOff,
  FileCode, FileKey, Gauge, Globe, GripVertical, House, Info, KeyRound, Keyboard, Link2, ListFilter, LockOpen, LogOut, Mail, Menu as MenuIcon, Monitor, Moon, Palette, Pause, Pencil,
  Play, Plus, RefreshCw, RotateCw, ScanSearch, ScrollText, Search, Server, Settings, ShieldAlert, ShieldCheck, ShieldX, Smartphone, Sun,
  Tags, Terminal, Trash2, TriangleAlert, Unlink, Unplug, Upload, UserCog, UserRound, Users, Workflow, X,
} from 'lucide-react';
export type { LucideIcon } from 'lucide-react';
